import type { Route } from '../route.ts';
import { apiKeyImportRoutes } from './api-key-import.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { apiRoutes } from './apis.ts';
import { applicationRoutes } from './applications.ts';
import { auditEventRoutes } from './audit-events.ts';
import { connectionRoutes } from './connections.ts';
import { managementKeyRoutes } from './management-keys.ts';
import { organizationRoutes } from './organizations.ts';
import { policyRoutes } from './policies.ts';
import { profileRoutes } from './profiles.ts';
import { teamRoutes } from './teams.ts';
import { verifyRoutes } from './verify.ts';

/** Every operation of the API. The OpenAPI document, the router and the tables that tests walk are made from it. */
export const allRoutes: readonly Route[] = [
  ...organizationRoutes,
  ...teamRoutes,
  ...applicationRoutes,
  ...connectionRoutes,
  ...apiRoutes,
  ...profileRoutes,
  ...policyRoutes,
  ...apiKeyImportRoutes,
  ...apiKeyRoutes,
  ...managementKeyRoutes,
  ...auditEventRoutes,
  ...verifyRoutes,
];
