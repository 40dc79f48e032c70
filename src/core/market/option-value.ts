/** The standard normal distribution function, to about 7 digits (Abramowitz and Stegun 26.2.17). */
const normal = (x: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const poly =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return x >= 0 ? 1 - tail : tail;
};

/**
 * A plausible price of a European option (Black-Scholes without interest), rupees as a float.
 * For made-up prices only. `years` to expiry, `volatility` per year; at expiry what it is worth exercised.
 */
export const optionValue = (
  right: 'CE' | 'PE',
  spot: number,
  strike: number,
  years: number,
  volatility: number,
): number => {
  const exercised = Math.max(0, right === 'CE' ? spot - strike : strike - spot);
  if (years <= 0) return exercised;
  const spread = volatility * Math.sqrt(years);
  const d1 = Math.log(spot / strike) / spread + spread / 2;
  const d2 = d1 - spread;
  const value =
    right === 'CE'
      ? spot * normal(d1) - strike * normal(d2)
      : strike * normal(-d2) - spot * normal(-d1);
  return Math.max(exercised, value);
};
