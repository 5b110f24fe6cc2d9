import type { ApiKeyTable } from '../../server/src/database/schema.ts';
import { systemActor } from '../../server/src/domain/access/actor.ts';
import { createApiKeyInput } from '../../server/src/domain/api-keys/api-key-fields.ts';
import { createApiKey } from '../../server/src/domain/api-keys/create-api-key.ts';
import { createApi, createApiInput } from '../../server/src/domain/apis/create-api.ts';
import {
  createApplication,
  createApplicationInput,
} from '../../server/src/domain/applications/create-application.ts';
import {
  replaceConnections,
  replaceConnectionsInput,
} from '../../server/src/domain/applications/replace-connections.ts';
import type { Ctx, Services } from '../../server/src/domain/context.ts';
import { createManagementKey } from '../../server/src/domain/management-keys/create-management-key.ts';
import { createOrganization } from '../../server/src/domain/organizations/create-organization.ts';

/** What the keys belong to. */
export type Surroundings = {
  organizationId: string;
  /** Of a management key with all scopes. */
  managementSecret: string;
  /** The first has half of the keys. */
  applicationIds: readonly string[];
  bigApplicationId: string;
  creatorIds: readonly string[];
  bigCreatorId: string;
  /** A key as the product issues it: the others are like it. */
  template: ApiKeyTable;
};

const mostApplications = 5_000;

/**
 * An organization with an API of three endpoints, an application that may call all of it, and one key, by the product's own
 * verbs; and further applications like that one.
 */
export async function makeSurroundings(services: Services, keys: number): Promise<Surroundings> {
  const request = { id: 'req_bench', ip: null, userAgent: null };
  const organization = await createOrganization(services, request, { name: 'Bench', brand: 'kw' });
  const organizationId = organization.result.value.id;
  const ctx = { ...services, actor: systemActor, organizationId, request };
  const management = await createManagementKey(ctx, { name: 'bench', scopes: ['*'] });
  const template = await issueFirstKey(ctx);
  const others = Math.min(mostApplications, Math.max(10, Math.round(keys / 200))) - 1;
  const applicationIds = [
    template.application_id,
    ...(await copyApplication(ctx, template.application_id, others)),
  ];
  const creatorIds = Array.from({ length: 200 }, () => services.newId('usr'));
  return {
    organizationId,
    managementSecret: String(management.result.secret),
    applicationIds,
    bigApplicationId: template.application_id,
    creatorIds,
    bigCreatorId: creatorIds[0] ?? '',
    template,
  };
}

async function issueFirstKey(ctx: Ctx): Promise<ApiKeyTable> {
  const scopes = ['orders:read'];
  const api = await createApi(
    ctx,
    createApiInput.parse({
      name: 'Orders',
      slug: 'orders',
      scopes: [{ name: 'orders:read', description: 'See orders', access: 'read' }],
      endpoints: ['/orders', '/orders/{id}', '/orders/{id}/lines'].map((path) => ({
        method: 'GET',
        path,
        scopes,
      })),
    }),
  );
  const application = await createApplication(ctx, createApplicationInput.parse({ title: 'Application' }));
  const applicationId = application.result.value.id;
  await replaceConnections(
    ctx,
    applicationId,
    replaceConnectionsInput.parse({ connections: [{ apiId: api.result.value.id, endpoints: 'all' }] }),
  );
  await createApiKey(
    ctx,
    createApiKeyInput.parse({ name: 'first', applicationId, environment: 'production', scopes }),
  );
  return ctx.database.read.selectFrom('api_key').selectAll().executeTakeFirstOrThrow();
}

async function copyApplication(ctx: Ctx, id: string, copies: number): Promise<string[]> {
  const { read } = ctx.database;
  const application = await read
    .selectFrom('application')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const connection = await read
    .selectFrom('connection')
    .selectAll()
    .where('application_id', '=', id)
    .executeTakeFirstOrThrow();
  const ids = Array.from({ length: copies }, () => ctx.newId('app'));
  await ctx.database.write(async (tx) => {
    for (let start = 0; start < ids.length; start += 200) {
      const piece = ids.slice(start, start + 200);
      await tx
        .insertInto('application')
        .values(piece.map((copy) => ({ ...application, id: copy })))
        .execute();
      await tx
        .insertInto('connection')
        .values(piece.map((copy) => ({ ...connection, application_id: copy })))
        .execute();
    }
  });
  return ids;
}
