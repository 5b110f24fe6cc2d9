/**
 * Whether a number as JSON writes it (RFC 8259, section 6) still has the same value after it was read as a double and
 * written again. `1.0` and `1e2` do; `12345678901234567890`, `0.1000000000000000000001` and `1e400` do not.
 */
export function isExactNumber(source: string): boolean {
  const read = Number(source);
  if (!Number.isFinite(read)) return false;
  const asked = decimalOf(source);
  const kept = decimalOf(String(read));
  return asked.digits === kept.digits && (asked.digits === '' || asked.exponent === kept.exponent);
}

/** The value, but for its sign, as digits without zeros at either end and the power of ten of the last digit. */
function decimalOf(source: string): { digits: string; exponent: number } {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return {
    digits: digits.slice(start, end),
    exponent: Number(power) - fraction.length + (digits.length - end),
  };
}
