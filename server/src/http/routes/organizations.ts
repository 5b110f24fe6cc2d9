import { z } from 'zod';
import { idField } from '../../domain/fields.ts';
import { getOrganization } from '../../domain/organizations/get-organization.ts';
import { listOrganizations, listOrganizationsQuery } from '../../domain/organizations/list-organizations.ts';
import { organizationSchema } from '../../domain/organizations/organization.ts';
import {
  updateOrganization,
  updateOrganizationInput,
} from '../../domain/organizations/update-organization.ts';
import { changedObject, pageOf } from '../response-schemas.ts';
import { committed, found, type Route, route } from '../route.ts';

const tag = 'Organizations';
const params = z.object({ id: idField('org', 'an organization') });

export const organizationRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/organizations',
    operationId: 'listOrganizations',
    tag,
    summary: 'List the organizations that the caller may see',
    description: 'A management key belongs to one organization, and sees that one.',
    action: 'organizations:read',
    query: listOrganizationsQuery,
    status: 200,
    response: pageOf(organizationSchema),
    handle: async (ctx, { query }) => ({ body: await listOrganizations(ctx, query) }),
  }),
  route({
    method: 'get',
    path: '/v1/organizations/{id}',
    operationId: 'getOrganization',
    tag,
    summary: 'Get an organization',
    action: 'organizations:read',
    params,
    status: 200,
    response: organizationSchema,
    handle: async (ctx, { params }) => found(await getOrganization(ctx, params.id)),
  }),
  route({
    method: 'patch',
    path: '/v1/organizations/{id}',
    operationId: 'updateOrganization',
    tag,
    summary: 'Change an organization',
    action: 'organizations:update',
    params,
    body: updateOrganizationInput,
    status: 200,
    response: changedObject(organizationSchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await updateOrganization(ctx, params.id, { ...body, expectedRevision })),
  }),
];
