/** What the application must be told: served beside it as /config.json. */
export interface Config {
  /** Where the platform is, without a path. */
  origin: string;
  client_id: string;
  redirect_uri: string;
  after_logout: string;
}

export async function readConfig(): Promise<Config> {
  const answer = await fetch("/config.json");
  return (await answer.json()) as Config;
}
