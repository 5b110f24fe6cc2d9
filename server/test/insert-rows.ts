import type { ApiKeyTable, ApiTable, ApplicationTable, EndpointTable } from '../src/database/schema.ts';
import type { Keywright } from './harness.ts';

/** Rows as the verbs would leave them, for tests that need many, or states that take long to reach. */

const base = (kw: Keywright) => {
  const now = kw.services.clock();
  return {
    organization_id: kw.organizationId,
    revision: 1,
    created_at: now,
    created_by: 'system',
    updated_at: now,
  };
};

export async function insertApplication(
  kw: Keywright,
  fields: Partial<ApplicationTable> = {},
): Promise<string> {
  const id = kw.services.newId('app');
  await kw.services.database.write((tx) =>
    tx
      .insertInto('application')
      .values({
        ...base(kw),
        id,
        team_id: null,
        title: 'Inserted',
        title_key: 'inserted',
        description: '',
        access_revision: 1,
        deleted_at: null,
        ...fields,
      })
      .execute(),
  );
  return id;
}

export async function insertApiKeys(
  kw: Keywright,
  applicationId: string,
  count: number,
  fields: Partial<Omit<ApiKeyTable, 'standing'>> = {},
): Promise<string[]> {
  const rows = Array.from({ length: count }, () => ({
    ...base(kw),
    id: kw.services.newId('key'),
    application_id: applicationId,
    name: 'Inserted',
    name_key: 'inserted',
    environment: 'development' as const,
    scopes: '{}',
    profile_id: null,
    ip_allowlist: null,
    metadata: '{}',
    expires_at: null,
    expiry_noted_at: null,
    disabled_at: null,
    revoked_at: null,
    deleted_at: null,
    imported_at: null,
    ...fields,
  }));
  await kw.services.database.write(async (tx) => {
    for (let start = 0; start < rows.length; start += 200) {
      await tx
        .insertInto('api_key')
        .values(rows.slice(start, start + 200))
        .execute();
    }
  });
  return rows.map((row) => row.id);
}

/** An API with endpoints GET /1, GET /2 and so on. */
export async function insertApi(
  kw: Keywright,
  slug: string,
  endpoints: number,
  fields: Partial<ApiTable> = {},
): Promise<{ apiId: string; endpointIds: string[] }> {
  const api = { ...base(kw), id: kw.services.newId('api'), name: slug, slug, ...fields };
  const rows: EndpointTable[] = Array.from({ length: endpoints }, (_, index) => ({
    id: kw.services.newId('ep'),
    organization_id: api.organization_id,
    api_id: api.id,
    method: 'GET',
    path: `/${index + 1}`,
    shape: `/${index + 1}`,
    scopes: '[]',
  }));
  await kw.services.database.write(async (tx) => {
    await tx.insertInto('api').values(api).execute();
    if (rows.length > 0) await tx.insertInto('endpoint').values(rows).execute();
  });
  return { apiId: api.id, endpointIds: rows.map((row) => row.id) };
}
