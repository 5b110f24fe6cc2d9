import type { Action, Role } from './actions.ts';

/** Who acts. A management key can do no more than its creator can now, so it carries that creator. */
export type Actor = SystemActor | ManagementKeyActor | MemberActor;

/** The program itself, or whoever may run its command line on the machine that holds the database and the peppers. */
export type SystemActor = { type: 'system'; id: 'system' };

export type ManagementKeyActor = {
  type: 'management_key';
  id: string;
  scopes: '*' | ReadonlySet<Action>;
  creator: Actor;
};

export type MemberActor = {
  type: 'member';
  id: string;
  role: Role;
  /** The teams that the member belongs to, and whether each may touch production keys. */
  teams: ReadonlyMap<string, { production: boolean }>;
};

export const systemActor: SystemActor = { type: 'system', id: 'system' };
