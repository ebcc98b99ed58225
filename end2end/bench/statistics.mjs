/** The value below which `share` (0 to 1) of the values lie, by nearest rank. */
export function percentile(values, share) {
  if (values.length === 0) throw new Error("nothing was measured");
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** The middle value. */
export const median = (values) => percentile(values, 0.5);
