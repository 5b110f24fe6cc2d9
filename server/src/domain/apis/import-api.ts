import { z } from 'zod';
import type { Reader, Writer } from '../../database/database.ts';
import type { ApiTable } from '../../database/schema.ts';
import { authorize } from '../access/authorize.ts';
import type { Change } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { nameField } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';
import { type Api, apiSchema, readWholeApi } from './api.ts';
import { slugField } from './api-fields.ts';
import { emptyReport, type ImportReport, importReportSchema } from './import-report.ts';
import type { OpenApiReading } from './openapi/openapi-reading.ts';
import { planImport } from './openapi/plan-import.ts';
import { readOpenApiDocument } from './openapi/read-openapi-document.ts';
import { readApiParts } from './read-api-parts.ts';
import { storeApiChange } from './store-api-change.ts';
import { storeNewApi } from './store-new-api.ts';
import { toEndpointsPlan } from './to-endpoints-plan.ts';

export const importApiInput = z.strictObject({
  slug: slugField.meta({ description: 'The API to update; it is made where there is none with this slug.' }),
  name: nameField()
    .optional()
    .meta({ description: "Otherwise a new API is named after the document's title." }),
  document: z
    .union([z.string(), z.looseObject({})], {
      error: 'must be an OpenAPI description, as an object or as JSON or YAML text',
    })
    .meta({ description: 'OpenAPI 3.0, 3.1 or 3.2: an object, or JSON or YAML text.' }),
  proposeScopes: z.boolean({ error: 'must be true or false' }).default(true).meta({
    description: 'Whether an API whose document declares no scopes gets <slug>:read and <slug>:full.',
  }),
});

export const importResultSchema = z.object({ api: apiSchema, report: importReportSchema });

export type ImportResult = { api: Api; report: ImportReport };

/**
 * Makes the API with this slug what the document says, or makes it. The document is read first, outside the transaction:
 * one that is wrong changes nothing, and reading it makes nobody wait.
 * @throws AppError `forbidden`, `invalid_document` with place and reason, `unavailable`.
 */
export async function importApi(
  ctx: Ctx,
  input: z.infer<typeof importApiInput>,
): Promise<Committed<Versioned<ImportResult>> & { created: boolean }> {
  // Before the work of reading, for who may not do it; what is there is looked at again under the lock.
  authorizeImport(ctx, await findApiBySlug(ctx, ctx.database.read, input.slug));
  const reading = await readOpenApiDocument(input);
  let created = false;
  const committed = await transact(
    ctx,
    'api.imported',
    async (tx) => {
      const row = await findApiBySlug(ctx, tx, input.slug);
      authorizeImport(ctx, row);
      created = row === undefined;
      return storeReading(ctx, tx, row, reading, input);
    },
    {
      replay: async (tx, id) => {
        const { value, revision } = await readWholeApi(ctx, tx, id);
        return versioned({ api: value, report: emptyReport }, revision);
      },
    },
  );
  return { ...committed, created };
}

async function storeReading(
  ctx: Ctx,
  tx: Writer,
  row: ApiTable | undefined,
  reading: OpenApiReading,
  { slug, name }: { slug: string; name?: string | undefined },
): Promise<Change<Versioned<ImportResult>>> {
  const parts = row === undefined ? undefined : await readApiParts(ctx, tx, row.id);
  const taken = await findScopeNamesOfOthers(ctx, tx, row?.id);
  const plan = planImport(parts ?? null, reading, taken, slug);
  const endpoints = toEndpointsPlan(plan, parts?.endpoints ?? []);
  const { scopes, report } = plan;
  const change =
    row === undefined || parts === undefined
      ? await storeNewApi(ctx, tx, { name: name ?? reading.title, slug, scopes, endpoints: endpoints.add })
      : await storeApiChange(ctx, tx, { row, parts }, { name: name ?? row.name, slug, scopes, endpoints });
  return { ...change, result: versioned({ api: change.result.value, report }, change.result.revision) };
}

function authorizeImport(ctx: Ctx, row: ApiTable | undefined): void {
  authorize(ctx, row === undefined ? 'apis:create' : 'apis:update');
}

function findApiBySlug(ctx: Ctx, reader: Reader, slug: string): Promise<ApiTable | undefined> {
  return reader
    .selectFrom('api')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('slug', '=', slug)
    .executeTakeFirst();
}

async function findScopeNamesOfOthers(
  ctx: Ctx,
  tx: Writer,
  apiId: string | undefined,
): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('scope')
    .select(['name', 'api_id'])
    .where('organization_id', '=', ctx.organizationId)
    .execute();
  return new Set(rows.filter((row) => row.api_id !== apiId).map((row) => row.name));
}
