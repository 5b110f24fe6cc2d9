/** Bounds on the work that one document may cause. Lengths are in UTF-16 units. */
export type OpenApiLimits = {
  /** Length of the text; an object is measured as JSON. The HTTP body limit (16 MB) stands before it. */
  textLength: number;
  /** YAML alias nodes; the expansions of nested ones count too. */
  aliases: number;
  /** Objects and arrays inside one another. */
  depth: number;
  /** Values of every kind, aliases expanded. GitHub's description has 258,000. */
  values: number;
  operations: number;
  /** Scopes of the whole document. */
  scopes: number;
  scopesPerEndpoint: number;
  memoryMegabytes: number;
  milliseconds: number;
};

export const OPENAPI_LIMITS: OpenApiLimits = {
  textLength: 16 * 1024 * 1024,
  aliases: 100,
  depth: 64,
  values: 2_000_000,
  operations: 20_000,
  scopes: 1_000,
  scopesPerEndpoint: 50,
  memoryMegabytes: 512,
  milliseconds: 10_000,
};
