import { z } from 'zod';
import { idField } from '../../domain/fields.ts';
import { createProfile, createProfileInput } from '../../domain/profiles/create-profile.ts';
import { deleteProfile } from '../../domain/profiles/delete-profile.ts';
import { getProfile } from '../../domain/profiles/get-profile.ts';
import { listProfiles, listProfilesQuery } from '../../domain/profiles/list-profiles.ts';
import { profileSchema } from '../../domain/profiles/profile.ts';
import { updateProfile, updateProfileInput } from '../../domain/profiles/update-profile.ts';
import { changedObject, deletedObject, pageOf } from '../response-schemas.ts';
import { committed, done, found, type Route, route } from '../route.ts';

const tag = 'Profiles';
const params = z.object({ id: idField('prof', 'a profile') });
/** Settings are the client's own document: kept as they are given, or refused. */
const keptAsGiven = { documentFields: ['settings'], exactNumbersIn: 'settings' };

export const profileRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/profiles',
    operationId: 'listProfiles',
    tag,
    summary: 'List profiles',
    action: 'profiles:read',
    query: listProfilesQuery,
    status: 200,
    response: pageOf(profileSchema),
    handle: async (ctx, { query }) => ({ body: await listProfiles(ctx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/profiles',
    operationId: 'createProfile',
    tag,
    summary: 'Create a profile',
    action: 'profiles:create',
    body: createProfileInput,
    ...keptAsGiven,
    creates: true,
    status: 201,
    response: changedObject(profileSchema),
    handle: async (ctx, { body }) => committed(await createProfile(ctx, body)),
  }),
  route({
    method: 'get',
    path: '/v1/profiles/{id}',
    operationId: 'getProfile',
    tag,
    summary: 'Get a profile',
    action: 'profiles:read',
    params,
    status: 200,
    response: profileSchema,
    handle: async (ctx, { params }) => found(await getProfile(ctx, params.id)),
  }),
  route({
    method: 'patch',
    path: '/v1/profiles/{id}',
    operationId: 'updateProfile',
    tag,
    summary: 'Change a profile',
    description: 'Settings are replaced as a whole.',
    action: 'profiles:update',
    params,
    body: updateProfileInput,
    ...keptAsGiven,
    status: 200,
    response: changedObject(profileSchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await updateProfile(ctx, params.id, { ...body, expectedRevision })),
  }),
  route({
    method: 'delete',
    path: '/v1/profiles/{id}',
    operationId: 'deleteProfile',
    tag,
    summary: 'Delete a profile that no key uses',
    description: 'Revoked and deleted keys do not count.',
    action: 'profiles:delete',
    params,
    status: 200,
    response: deletedObject,
    handle: async (ctx, { params }) => done(await deleteProfile(ctx, params.id)),
  }),
];
