import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type Action, actions } from './actions.ts';
import type { Actor } from './actor.ts';
import { MissingScopeError } from './missing-scope-error.ts';

/** What an action is done to, where that matters: the application's team, and the key's environment. */
export type Target = {
  teamId?: string | null;
  environment?: 'development' | 'staging' | 'production';
};

/**
 * Lets the call go on, or ends it.
 * @throws AppError `forbidden`, naming the action that is missing.
 */
export function authorize(ctx: Ctx, action: Action, target: Target = {}): void {
  const missing = missingAction(ctx.actor, action, target);
  if (missing !== undefined) refuse(ctx, [missing]);
}

/** `missing`: each of them alone would do. */
function refuse(ctx: Ctx, missing: readonly Action[]): never {
  const named = missing.join(' or ');
  if (ctx.actor.type !== 'management_key') {
    throw new AppError(
      'forbidden',
      `Your role does not allow this (${named}). Ask an admin of the organization.`,
    );
  }
  throw new MissingScopeError(
    `This management key may not do this: it, or whoever created it, lacks the scope ${named}.`,
    // A list of scopes is read as all of them, so of several that would do one is named.
    missing.slice(0, 1),
  );
}

export function isAllowed(actor: Actor, action: Action, target: Target = {}): boolean {
  return missingAction(actor, action, target) === undefined;
}

/**
 * Whether the actor holds the action anywhere at all: asked before a request is read, so that who may do nothing here costs
 * nothing. The verb asks again with its target.
 * @throws AppError `forbidden`.
 */
export function authorizeSomewhere(ctx: Ctx, asked: readonly Action[]): void {
  if (!asked.some((action) => holdsSomewhere(ctx.actor, action))) refuse(ctx, asked);
}

function holdsSomewhere(actor: Actor, action: Action): boolean {
  switch (actor.type) {
    case 'system':
      return true;
    case 'management_key':
      return (actor.scopes === '*' || actor.scopes.has(action)) && holdsSomewhere(actor.creator, action);
    case 'member':
      return actions[action][actor.role] !== 'none';
  }
}

/** The first action that the actor would need and does not hold, or undefined: the call is allowed. */
function missingAction(actor: Actor, action: Action, target: Target): Action | undefined {
  if (!holds(actor, action, target)) return action;
  const touchesProduction = target.environment === 'production' && action !== 'api_keys:production';
  if (touchesProduction && !holds(actor, 'api_keys:production', target)) return 'api_keys:production';
  return undefined;
}

function holds(actor: Actor, action: Action, target: Target): boolean {
  switch (actor.type) {
    case 'system':
      return true;
    case 'management_key':
      return (actor.scopes === '*' || actor.scopes.has(action)) && holds(actor.creator, action, target);
    case 'member': {
      const extent = actions[action][actor.role];
      if (extent !== 'team') return extent === 'all';
      // An application without a team belongs to the admins.
      const team = typeof target.teamId === 'string' ? actor.teams.get(target.teamId) : undefined;
      return team !== undefined && (action !== 'api_keys:production' || team.production);
    }
  }
}
