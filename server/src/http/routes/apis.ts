import { z } from 'zod';
import { apiSchema, apiSummarySchema } from '../../domain/apis/api.ts';
import { apiBodyLimit } from '../../domain/apis/api-fields.ts';
import { createApi, createApiInput } from '../../domain/apis/create-api.ts';
import { deleteApi } from '../../domain/apis/delete-api.ts';
import { getApi } from '../../domain/apis/get-api.ts';
import { importApi, importApiInput, importResultSchema } from '../../domain/apis/import-api.ts';
import { listApis, listApisQuery } from '../../domain/apis/list-apis.ts';
import { updateApi, updateApiInput } from '../../domain/apis/update-api.ts';
import { idField } from '../../domain/fields.ts';
import { changedObject, deletedObject, pageOf } from '../response-schemas.ts';
import { committed, done, found, type Route, route } from '../route.ts';

const tag = 'APIs';
const params = z.object({ id: idField('api', 'an API') });

export const apiRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/apis',
    operationId: 'listApis',
    tag,
    summary: 'List APIs',
    action: 'apis:read',
    query: listApisQuery,
    status: 200,
    response: pageOf(apiSummarySchema),
    handle: async (ctx, { query }) => ({ body: await listApis(ctx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/apis',
    operationId: 'createApi',
    tag,
    summary: 'Create an API',
    action: 'apis:create',
    body: createApiInput,
    bodyLimit: apiBodyLimit,
    creates: true,
    status: 201,
    response: changedObject(apiSchema),
    handle: async (ctx, { body }) => committed(await createApi(ctx, body)),
  }),
  route({
    method: 'post',
    path: '/v1/apis/import',
    operationId: 'importApi',
    tag,
    summary: 'Create or update an API from an OpenAPI document',
    description:
      'An API with the slug is updated: endpoints are matched by method and path, and connections to those that stay are kept. ' +
      'Updating needs the scope `apis:update` instead. The answer to a repeated Idempotency-Key has an empty report.',
    action: 'apis:create',
    orAction: 'apis:update',
    body: importApiInput,
    documentFields: ['document'],
    bodyLimit: apiBodyLimit,
    creates: true,
    status: 201,
    statusOfUpdate: 200,
    response: changedObject(importResultSchema),
    handle: async (ctx, { body }) => {
      const change = await importApi(ctx, body);
      return { ...committed(change), ...(change.created ? {} : { status: 200 }) };
    },
  }),
  route({
    method: 'get',
    path: '/v1/apis/{id}',
    operationId: 'getApi',
    tag,
    summary: 'Get an API with its scopes and endpoints',
    action: 'apis:read',
    params,
    status: 200,
    response: apiSchema,
    handle: async (ctx, { params }) => found(await getApi(ctx, params.id)),
  }),
  route({
    method: 'patch',
    path: '/v1/apis/{id}',
    operationId: 'updateApi',
    tag,
    summary: 'Change an API',
    description:
      'Scopes and endpoints are whole lists: what is left out of them is removed, and taken out of connections. ' +
      'An endpoint whose method and path stay keeps its id; names of parameters make no difference.',
    action: 'apis:update',
    params,
    body: updateApiInput,
    bodyLimit: apiBodyLimit,
    status: 200,
    response: changedObject(apiSchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await updateApi(ctx, params.id, { ...body, expectedRevision })),
  }),
  route({
    method: 'delete',
    path: '/v1/apis/{id}',
    operationId: 'deleteApi',
    tag,
    summary: 'Delete an API with its scopes, endpoints and all connections to it',
    action: 'apis:delete',
    params,
    status: 200,
    response: deletedObject,
    handle: async (ctx, { params }) => done(await deleteApi(ctx, params.id)),
  }),
];
