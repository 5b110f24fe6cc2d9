import { z } from 'zod';
import { importApiKeys } from '../../domain/api-keys/import-api-keys.ts';
import { importApiKeysInput, importedRowSchema } from '../../domain/api-keys/import-api-keys-input.ts';
import { changedObject } from '../response-schemas.ts';
import { done, type Route, route } from '../route.ts';

export const apiKeyImportRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/v1/api-keys/import',
    operationId: 'importApiKeys',
    tag: 'API keys',
    summary: 'Take over keys of another system',
    description:
      'Up to 10,000 keys, raw or as SHA-256 of the whole key. They keep their own format and verify at once. The call may be repeated: rows that are there already are left as they are. Each row is reported.',
    action: 'api_keys:import',
    body: importApiKeysInput,
    secretFields: ['secret'],
    bodyLimit: 16_000_000,
    status: 200,
    response: changedObject(
      z.object({
        imported: z.number().int(),
        alreadyImported: z.number().int(),
        refused: z.number().int(),
        rows: z.array(importedRowSchema),
      }),
    ),
    handle: async (ctx, { body }) => done({ ...(await importApiKeys(ctx, body)), replayed: false }),
  }),
];
