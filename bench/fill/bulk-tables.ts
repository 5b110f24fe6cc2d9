import type { KeyRows } from './key-rows.ts';

type Value = string | number | null;

/** The tables that are filled in bulk, with the columns in the order in which their values are given. */
export const bulkTables: readonly {
  name: string;
  columns: readonly string[];
  values: (rows: KeyRows) => readonly Value[] | null;
}[] = [
  bulkTable(
    'api_key',
    [
      'id',
      'organization_id',
      'application_id',
      'name',
      'name_key',
      'environment',
      'scopes',
      'profile_id',
      'ip_allowlist',
      'metadata',
      'expires_at',
      'expiry_noted_at',
      'disabled_at',
      'revoked_at',
      'deleted_at',
      'imported_at',
      'revision',
      'created_at',
      'created_by',
      'updated_at',
    ],
    (rows) => rows.apiKey,
  ),
  bulkTable(
    'secret',
    [
      'id',
      'organization_id',
      'api_key_id',
      'hash',
      'pepper_version',
      'masked',
      'last_four',
      'created_at',
      'ends_at',
      'ended_at',
    ],
    (rows) => rows.secret,
  ),
  bulkTable(
    'api_key_use',
    ['api_key_id', 'organization_id', 'last_used_at', 'last_used_ip', 'last_used_user_agent'],
    (rows) => rows.use,
  ),
];

function bulkTable<Row extends Record<string, Value>>(
  name: string,
  columns: readonly (keyof Row & string)[],
  rowOf: (rows: KeyRows) => Row | null,
) {
  return {
    name,
    columns,
    values: (rows: KeyRows): readonly Value[] | null => {
      const row = rowOf(rows);
      return row && columns.map((column) => row[column] as Value);
    },
  };
}
