/** What commands need to know of the settings (config.ts reads them): where the database, the peppers and the listeners are. */
export type Settings = {
  database: { url: string } | { path: string };
  pepperFile: string;
  /** The pepper file's text, where it is given by KEYWRIGHT_PEPPERS instead of a file. */
  peppers: string | null;
  host: string;
  port: number;
  gatewayHost: string;
  gatewayPort: number;
};
