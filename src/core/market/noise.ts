/** A 32-bit number from text (FNV-1a). Spreads well; keeps no secret. */
export const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value ^= text.charCodeAt(i);
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
};

/** A number from -1 to 1 that depends on both arguments only. */
const lattice = (root: number, index: number): number => {
  let value = Math.imul(root ^ Math.imul(index, 0x9e3779b1), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  value ^= value >>> 16;
  return ((value >>> 0) / 0xffffffff) * 2 - 1;
};

/** Smooth noise from -1 to 1: random values at whole `x`, an even curve between them. */
export const smoothNoise = (root: number, x: number): number => {
  const left = Math.floor(x);
  const part = x - left;
  const weight = part * part * (3 - 2 * part);
  return lattice(root, left) * (1 - weight) + lattice(root, left + 1) * weight;
};
