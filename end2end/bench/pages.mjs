// Every page, as a visitor or as a CTO sees it.

/** Pages that anyone may open. */
export const OUTSIDE = [
  { name: "sign-in", path: "/sign-in" },
  { name: "setup", path: `/setup?token=${"0".repeat(43)}` },
  { name: "setup without a token", path: "/setup" },
];

/** Pages of somebody signed in; ID stands for a user's, SET for a backup set's; one that is not live follows no facts. */
export const INSIDE = [
  { name: "overview", path: "/" },
  { name: "deployment", path: "/deployment" },
  { name: "service", path: "/deployment/ytempire/backend" },
  { name: "resources", path: "/resources" },
  { name: "resources of containers", path: "/resources?view=containers" },
  { name: "wall", path: "/wall" },
  { name: "backups", path: "/backups" },
  { name: "new backup set", path: "/backups/new" },
  { name: "backup targets", path: "/backups/targets" },
  { name: "recovery sheet", path: "/backups/recovery" },
  { name: "backup set", path: "/backups/SET" },
  { name: "backup set's settings", path: "/backups/SET/edit" },
  { name: "audit", path: "/audit" },
  { name: "account", path: "/account" },
  { name: "settings", path: "/settings" },
  { name: "users", path: "/settings/users" },
  { name: "new user", path: "/settings/users/new" },
  { name: "user", path: "/settings/users/ID" },
  { name: "teams", path: "/settings/teams" },
  { name: "tokens", path: "/settings/tokens" },
  { name: "thresholds", path: "/settings/thresholds" },
  { name: "samples", path: "/settings/samples" },
  { name: "preflight", path: "/settings/preflight" },
  { name: "roles", path: "/settings/roles" },
  { name: "not found", path: "/settings/nothing", live: false },
];
