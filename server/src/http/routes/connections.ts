import { z } from 'zod';
import { connectionsSchema } from '../../domain/applications/connections.ts';
import { getConnections } from '../../domain/applications/get-connections.ts';
import {
  replaceConnections,
  replaceConnectionsInput,
} from '../../domain/applications/replace-connections.ts';
import { idField } from '../../domain/fields.ts';
import { changedObject } from '../response-schemas.ts';
import { committed, found, type Route, route } from '../route.ts';

const tag = 'Applications';
const path = '/v1/applications/{id}/connections';
const params = z.object({ id: idField('app', 'an application') });

export const connectionRoutes: readonly Route[] = [
  route({
    method: 'get',
    path,
    operationId: 'getConnections',
    tag,
    summary: 'Get the endpoints that an application may call',
    action: 'applications:read',
    params,
    status: 200,
    response: connectionsSchema,
    handle: async (ctx, { params }) => found(await getConnections(ctx, params.id)),
  }),
  route({
    method: 'put',
    path,
    operationId: 'replaceConnections',
    tag,
    summary: 'Replace the endpoints that an application may call',
    description:
      'All connections at once: an API that is left out is disconnected. Keys are not touched; their scopes count only ' +
      'as far as a connected API declares them.',
    action: 'applications:update',
    params,
    body: replaceConnectionsInput,
    // Lists of endpoint ids may be long: 20,000 of them are 640 kB.
    bodyLimit: 4_000_000,
    status: 200,
    response: changedObject(connectionsSchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await replaceConnections(ctx, params.id, { ...body, expectedRevision })),
  }),
];
