import { z } from 'zod';
import { idField } from '../../domain/fields.ts';
import { createTeam, createTeamInput } from '../../domain/teams/create-team.ts';
import { deleteTeam } from '../../domain/teams/delete-team.ts';
import { getTeam } from '../../domain/teams/get-team.ts';
import { listTeams, listTeamsQuery } from '../../domain/teams/list-teams.ts';
import { teamSchema } from '../../domain/teams/team.ts';
import { updateTeam, updateTeamInput } from '../../domain/teams/update-team.ts';
import { changedObject, deletedObject, pageOf } from '../response-schemas.ts';
import { committed, done, found, type Route, route } from '../route.ts';

const tag = 'Teams';
const params = z.object({ id: idField('team', 'a team') });

export const teamRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/teams',
    operationId: 'listTeams',
    tag,
    summary: 'List teams',
    action: 'teams:read',
    query: listTeamsQuery,
    status: 200,
    response: pageOf(teamSchema),
    handle: async (ctx, { query }) => ({ body: await listTeams(ctx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/teams',
    operationId: 'createTeam',
    tag,
    summary: 'Create a team',
    action: 'teams:create',
    body: createTeamInput,
    creates: true,
    status: 201,
    response: changedObject(teamSchema),
    handle: async (ctx, { body }) => committed(await createTeam(ctx, body)),
  }),
  route({
    method: 'get',
    path: '/v1/teams/{id}',
    operationId: 'getTeam',
    tag,
    summary: 'Get a team',
    action: 'teams:read',
    params,
    status: 200,
    response: teamSchema,
    handle: async (ctx, { params }) => found(await getTeam(ctx, params.id)),
  }),
  route({
    method: 'patch',
    path: '/v1/teams/{id}',
    operationId: 'updateTeam',
    tag,
    summary: 'Change a team',
    action: 'teams:update',
    params,
    body: updateTeamInput,
    status: 200,
    response: changedObject(teamSchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await updateTeam(ctx, params.id, { ...body, expectedRevision })),
  }),
  route({
    method: 'delete',
    path: '/v1/teams/{id}',
    operationId: 'deleteTeam',
    tag,
    summary: 'Delete a team that owns no applications',
    action: 'teams:delete',
    params,
    status: 200,
    response: deletedObject,
    handle: async (ctx, { params }) => done(await deleteTeam(ctx, params.id)),
  }),
];
