export type ReadScope = { name: string; description: string; access: 'read' | 'full' };

/** `path` is the template with the server's base path before it; `scopes` are sorted and without repetition. */
export type ReadEndpoint = { method: string; path: string; scopes: string[] };

/** What an OpenAPI document says about an API, as far as Keywright uses it. `notes` are sentences for the importer to read. */
export type OpenApiReading = {
  title: string;
  version: string;
  scopes: ReadScope[];
  /** Where `scopes` come from: the document, our proposal because it declares none, or nowhere (proposals switched off). */
  scopesFrom: 'document' | 'proposal' | 'none';
  endpoints: ReadEndpoint[];
  notes: string[];
};
