import { z } from 'zod';
import { applicationSchema } from '../../domain/applications/application.ts';
import { createApplication, createApplicationInput } from '../../domain/applications/create-application.ts';
import { deleteApplication } from '../../domain/applications/delete-application.ts';
import { getApplication } from '../../domain/applications/get-application.ts';
import { listApplications, listApplicationsQuery } from '../../domain/applications/list-applications.ts';
import { updateApplication, updateApplicationInput } from '../../domain/applications/update-application.ts';
import { idField } from '../../domain/fields.ts';
import { changedObject, deletedObject, pageOf } from '../response-schemas.ts';
import { committed, done, found, type Route, route } from '../route.ts';

const tag = 'Applications';
const params = z.object({ id: idField('app', 'an application') });

export const applicationRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/applications',
    operationId: 'listApplications',
    tag,
    summary: 'List applications',
    action: 'applications:read',
    query: listApplicationsQuery,
    status: 200,
    response: pageOf(applicationSchema),
    handle: async (ctx, { query }) => ({ body: await listApplications(ctx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/applications',
    operationId: 'createApplication',
    tag,
    summary: 'Create an application',
    action: 'applications:create',
    body: createApplicationInput,
    creates: true,
    status: 201,
    response: changedObject(applicationSchema),
    handle: async (ctx, { body }) => committed(await createApplication(ctx, body)),
  }),
  route({
    method: 'get',
    path: '/v1/applications/{id}',
    operationId: 'getApplication',
    tag,
    summary: 'Get an application',
    action: 'applications:read',
    params,
    status: 200,
    response: applicationSchema,
    handle: async (ctx, { params }) => found(await getApplication(ctx, params.id)),
  }),
  route({
    method: 'patch',
    path: '/v1/applications/{id}',
    operationId: 'updateApplication',
    tag,
    summary: 'Change an application',
    description:
      'Giving it to another team needs the right on both, and while it has production keys also `api_keys:production`.',
    action: 'applications:update',
    params,
    body: updateApplicationInput,
    status: 200,
    response: changedObject(applicationSchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await updateApplication(ctx, params.id, { ...body, expectedRevision })),
  }),
  route({
    method: 'delete',
    path: '/v1/applications/{id}',
    operationId: 'deleteApplication',
    tag,
    summary: 'Delete an application and its API keys',
    description:
      'Up to 200 keys go with it; where there are more, delete keys first. While it has keys this needs also ' +
      '`api_keys:delete`, and while it has production keys `api_keys:production`.',
    action: 'applications:delete',
    params,
    status: 200,
    response: deletedObject.extend({ deletedApiKeys: z.number().int() }),
    handle: async (ctx, { params }) => done(await deleteApplication(ctx, params.id)),
  }),
];
