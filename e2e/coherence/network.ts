/** How the nodes, the database and the driver reach each other, and how a node is cut off from the database. */
export type Network = {
  kind: 'namespaces' | 'processes';
  /** Put before a command, so that it runs where the node is. */
  enterNode: (node: number) => readonly string[];
  /** Where PostgreSQL listens, and what its programs are started by; undefined: on loopback, as always. */
  database: { enter: readonly string[]; address: string } | undefined;
  /** The database's URL as the node reaches it, from the one that PostgreSQL says. */
  databaseUrlAt: (node: number, url: string) => string;
  /** The node's settings of where it listens. */
  settingsOf: (node: number) => Promise<Record<string, string>>;
  /** Cuts the node off from the database, in one of the ways; returns what mends it. */
  cuts: Readonly<Record<string, (node: number) => Promise<() => Promise<void>>>>;
  close: () => Promise<void>;
};
