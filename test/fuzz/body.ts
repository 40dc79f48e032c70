/** JSON text that need not come from JSON.stringify: `-0`, `1e400`, a repeated key. */
type RawJson = string;

/** One change of a body that is right. `at` picks a place in it, whatever its size. */
export type Mutation =
  | { readonly kind: 'drop'; readonly at: number }
  | { readonly kind: 'set'; readonly at: number; readonly raw: RawJson }
  | { readonly kind: 'add'; readonly name: string; readonly raw: RawJson }
  | { readonly kind: 'repeat'; readonly at: number; readonly raw: RawJson };

type Node =
  | { readonly kind: 'leaf'; raw: RawJson }
  | { readonly kind: 'object'; entries: [string, Node][] }
  | { readonly kind: 'list'; items: Node[] };

const nodeOf = (value: unknown): Node => {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(nodeOf) };
  if (typeof value === 'object' && value !== null) {
    return {
      kind: 'object',
      entries: Object.entries(value).map(([name, item]) => [name, nodeOf(item)]),
    };
  }
  return { kind: 'leaf', raw: JSON.stringify(value) };
};

const textOf = (node: Node): RawJson => {
  if (node.kind === 'leaf') return node.raw;
  if (node.kind === 'list') return `[${node.items.map(textOf).join(',')}]`;
  return `{${node.entries.map(([name, item]) => `${JSON.stringify(name)}:${textOf(item)}`).join(',')}}`;
};

/** One entry of an object somewhere in the body. */
interface Place {
  readonly entries: [string, Node][];
  readonly index: number;
}

const placesIn = (node: Node): readonly Place[] => {
  if (node.kind === 'leaf') return [];
  if (node.kind === 'list') return node.items.flatMap(placesIn);
  const { entries } = node;
  return entries.flatMap(([, item], index) => [{ entries, index }, ...placesIn(item)]);
};

const apply = (root: Node & { readonly kind: 'object' }, mutation: Mutation): void => {
  if (mutation.kind === 'add') {
    root.entries.push([mutation.name, { kind: 'leaf', raw: mutation.raw }]);
    return;
  }
  const places = placesIn(root);
  const place = places[mutation.at % Math.max(places.length, 1)];
  const name = place?.entries[place.index]?.[0];
  if (place === undefined || name === undefined) return;
  const { entries, index } = place;
  if (mutation.kind === 'drop') {
    entries.splice(index, 1);
  } else {
    // Of a repeated key the last counts, as in the contract.
    const at = mutation.kind === 'set' ? index : entries.length;
    entries.splice(at, mutation.kind === 'set' ? 1 : 0, [
      name,
      { kind: 'leaf', raw: mutation.raw },
    ]);
  }
};

/** The text of `body` after the mutations, one after the other. */
export const mutated = (
  body: Readonly<Record<string, unknown>>,
  mutations: readonly Mutation[],
): string => {
  const entries = Object.entries(body).map(([name, item]): [string, Node] => [name, nodeOf(item)]);
  const root: Node & { readonly kind: 'object' } = { kind: 'object', entries };
  for (const mutation of mutations) apply(root, mutation);
  return textOf(root);
};
