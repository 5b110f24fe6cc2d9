/** An object as the API shows it, and its revision, which HTTP shows as the ETag and takes back in If-Match. */
export type Versioned<Value> = { value: Value; revision: number };

export function versioned<Value>(value: Value, revision: number): Versioned<Value> {
  return { value, revision };
}
