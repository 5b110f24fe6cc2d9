/**
 * The one vocabulary of what can be done: roles allow these actions, management keys carry them as scopes.
 * `all`: in the whole organization. `team`: on applications of the member's own teams. `none`: not at all.
 */
export type Extent = 'all' | 'team' | 'none';
export type Role = 'owner' | 'admin' | 'developer' | 'viewer';

type Row = Readonly<Record<Role, Extent>>;
const everyone: Row = { owner: 'all', admin: 'all', developer: 'all', viewer: 'all' };
const admins: Row = { owner: 'all', admin: 'all', developer: 'none', viewer: 'none' };
const builders: Row = { owner: 'all', admin: 'all', developer: 'team', viewer: 'none' };

export const actions = {
  'organizations:read': everyone,
  'organizations:update': admins,
  'teams:read': everyone,
  'teams:create': admins,
  'teams:update': admins,
  'teams:delete': admins,
  'applications:read': everyone,
  'applications:create': builders,
  'applications:update': builders,
  'applications:delete': builders,
  'apis:read': everyone,
  'apis:create': admins,
  'apis:update': admins,
  'apis:delete': admins,
  'profiles:read': everyone,
  'profiles:create': admins,
  'profiles:update': admins,
  'profiles:delete': admins,
  'policies:read': everyone,
  'policies:update': admins,
  'api_keys:read': everyone,
  'api_keys:create': builders,
  'api_keys:update': builders,
  'api_keys:disable': builders,
  'api_keys:enable': builders,
  'api_keys:revoke': builders,
  'api_keys:delete': builders,
  'api_keys:import': admins,
  'api_keys:verify': { owner: 'all', admin: 'all', developer: 'all', viewer: 'none' },
  /** Needed beside the action itself wherever a key of the production environment is changed. */
  'api_keys:production': builders,
  'management_keys:read': everyone,
  'management_keys:create': admins,
  'management_keys:revoke': admins,
  'audit_events:read': everyone,
} as const satisfies Record<string, Row>;

export type Action = keyof typeof actions;

export const actionNames = Object.keys(actions) as readonly Action[];

export function isAction(text: string): text is Action {
  return Object.hasOwn(actions, text);
}
