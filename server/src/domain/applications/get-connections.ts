import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { type Versioned, versioned } from '../versioned.ts';
import { findApplicationInOrganization } from './application.ts';
import { type Connections, findConnections } from './connections.ts';

/** What an application may call. The revision grows also when a connected API changes. @throws AppError `forbidden`, `not_found`. */
export async function getConnections(ctx: Ctx, applicationId: string): Promise<Versioned<Connections>> {
  authorize(ctx, 'applications:read');
  const application = await findApplicationInOrganization(ctx, ctx.database.read, applicationId);
  const connections = await findConnections(ctx, ctx.database.read, applicationId);
  return versioned({ connections }, application.access_revision);
}
