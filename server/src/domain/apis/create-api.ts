import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { nameField } from '../fields.ts';
import type { Versioned } from '../versioned.ts';
import { type Api, readWholeApi } from './api.ts';
import { endpointsField, scopesField, slugField } from './api-fields.ts';
import { checkDefinition } from './check-definition.ts';
import { storeNewApi } from './store-new-api.ts';

export const createApiInput = z.strictObject({
  name: nameField(),
  slug: slugField,
  scopes: scopesField.default([]),
  endpoints: endpointsField.default([]),
});

/** Makes an API with its scopes and endpoints. @throws AppError `forbidden`, `invalid_request`, `slug_taken`, `conflict`. */
export async function createApi(
  ctx: Ctx,
  input: z.infer<typeof createApiInput>,
): Promise<Committed<Versioned<Api>>> {
  authorize(ctx, 'apis:create');
  const endpoints = await checkDefinition(input.scopes, input.endpoints);
  return transact(ctx, 'api.created', (tx) => storeNewApi(ctx, tx, { ...input, endpoints }), {
    replay: (tx, id) => readWholeApi(ctx, tx, id),
  });
}
