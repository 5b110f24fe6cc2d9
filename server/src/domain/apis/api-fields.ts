import { z } from 'zod';
import { scopeNameSchema } from './scope-name.ts';

export const mostEndpoints = 20_000;
export const mostScopes = 1_000;
const mostScopesPerEndpoint = 50;

/** A body with as many endpoints as an API may have, or a document like GitHub's, is larger than other bodies: bytes. */
export const apiBodyLimit = 16_000_000;

/** Those of OpenAPI 3.2. HEAD requests count as GET where an API has no HEAD endpoint of its own for the path. */
export const methodField = z.enum(
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'],
  { error: 'must be GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE or QUERY, in upper case' },
);

const slugMessage =
  'must have 1 to 63 lower-case letters and digits, with single hyphens between them, such as accounting-v2';

export const slugField = z
  .string({ error: slugMessage })
  // The pattern needs a stack as deep as the text is long, so it is not asked about long text.
  .max(63, { error: slugMessage, abort: true })
  .regex(/^[a-z0-9](-?[a-z0-9])*$/, { error: slugMessage })
  .meta({
    description: 'The short name of an API, unique in the organization.',
    examples: ['accounting'],
  });

export const scopeInput = z.strictObject({
  name: scopeNameSchema,
  description: z
    .string({ error: 'must be text of at most 500 characters' })
    .trim()
    .max(500, { error: 'must have at most 500 characters' })
    .default(''),
  access: z.enum(['read', 'full'], { error: 'must be read or full' }).meta({
    description: 'Whether it is for reading only. Where an API has x:read and x:full, full satisfies read.',
  }),
});

export const endpointInput = z.strictObject({
  method: methodField,
  path: z
    .string({ error: 'must be a path template such as /invoices/{id}' })
    .meta({ description: 'A path template.', examples: ['/invoices/{id}'] }),
  scopes: z
    .array(scopeNameSchema, { error: "must be a list of names of the API's scopes" })
    .max(mostScopesPerEndpoint, { error: `must have at most ${mostScopesPerEndpoint} scopes` })
    .default([])
    .meta({ description: 'The scopes that a caller needs, all of them.' }),
});

export const scopesField = z
  .array(scopeInput, { error: 'must be a list of scopes' })
  .max(mostScopes, { error: `must have at most ${mostScopes} scopes` });

export const endpointsField = z
  .array(endpointInput, { error: 'must be a list of endpoints' })
  .max(mostEndpoints, { error: `must have at most ${mostEndpoints} endpoints` });

export type ScopeInput = z.infer<typeof scopeInput>;
export type EndpointInput = z.infer<typeof endpointInput>;
