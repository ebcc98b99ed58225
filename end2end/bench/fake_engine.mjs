// A fake Docker Engine for load: fake_engine.mjs SOCKET FOLDER.
//
// Lists 500 running containers of five compose projects, whose files it writes to FOLDER, and speaks as much of the real
// protocol (HTTP over a Unix socket, API 1.41) as the console asks for. Nothing runs behind it.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [socket, folder] = process.argv.slice(2);
const PROJECTS = 5;
const SERVICES = 100;
const hex = (text) => createHash("sha256").update(text).digest("hex");
const STARTED = new Date(Date.now() - 3_600_000).toISOString();
const IMAGE = { name: "registry.example/platform/worker:2.4.1", id: `sha256:${hex("image")}` };
const TEAMS = ["backend", "frontend", "data", "platform", "ml"];

const containers = new Map();
for (let p = 0; p < PROJECTS; p += 1) {
  const project = `load-${p}`;
  const directory = join(folder, project);
  const file = join(directory, "compose.yaml");
  const services = [];
  for (let s = 0; s < SERVICES; s += 1) {
    const service = `worker-${String(s).padStart(3, "0")}`;
    services.push(service);
    const id = hex(`${project}/${service}`);
    const labels = {
      "com.docker.compose.project": project,
      "com.docker.compose.service": service,
      "com.docker.compose.container-number": "1",
      "com.docker.compose.oneoff": "False",
      "com.docker.compose.project.working_dir": directory,
      "com.docker.compose.project.config_files": file,
      "ytops.team": TEAMS[p],
    };
    containers.set(id, { id, name: `/${project}_${service}_1`, labels, number: p * SERVICES + s });
  }
  mkdirSync(directory, { recursive: true });
  const text = services.map((name) => `  ${name}:\n    image: ${IMAGE.name}\n    mem_limit: 256m\n    cpus: 0.5\n`);
  writeFileSync(file, `services:\n${text.join("")}`);
}

const listed = ({ id, name, labels }) => ({
  Id: id, Names: [name], Image: IMAGE.name, ImageID: IMAGE.id, Command: "worker", Created: Math.floor(Date.parse(STARTED) / 1000),
  Ports: [], Labels: labels, State: "running", Status: "Up About an hour (healthy)", HostConfig: { NetworkMode: "load" },
  NetworkSettings: { Networks: {} }, Mounts: [],
});

const inspected = ({ id, name, labels }) => ({
  Id: id, Name: name, Created: STARTED, Path: "worker", Args: ["--serve"], Image: IMAGE.id, RestartCount: 0,
  State: {
    Status: "running", Running: true, Paused: false, Restarting: false, OOMKilled: false, Dead: false, Pid: 1, ExitCode: 0,
    Error: "", StartedAt: STARTED, FinishedAt: "0001-01-01T00:00:00Z", Health: { Status: "healthy", FailingStreak: 0, Log: [] },
  },
  HostConfig: {
    Memory: 268_435_456, NanoCpus: 500_000_000, CpuQuota: 0, CpuPeriod: 0, NetworkMode: "load", PortBindings: {},
    RestartPolicy: { Name: "", MaximumRetryCount: 0 },
  },
  Mounts: [],
  Config: { Tty: false, Env: ["PATH=/usr/bin"], Image: IMAGE.name, Labels: labels, ExposedPorts: {} },
  NetworkSettings: { Ports: {}, Networks: { load: { IPAddress: "10.9.0.2", GlobalIPv6Address: "" } } },
});

function stats({ id, name, number }) {
  // A tenth to three tenths of a core, and memory that moves a little.
  const seconds = (Date.now() - Date.parse(STARTED)) / 1000;
  const used = Math.round(seconds * (0.1 + (number % 20) / 100) * 1e9);
  const memory = 100_000_000 + (number * 250_007) % 80_000_000 + Math.round(2_000_000 * Math.sin(seconds / 30 + number));
  return {
    id, name, read: new Date().toISOString(), preread: "0001-01-01T00:00:00Z", pids_stats: { current: 4 }, num_procs: 0,
    blkio_stats: { io_service_bytes_recursive: [{ major: 8, minor: 0, op: "Read", value: 4096 }, { major: 8, minor: 0, op: "Write", value: 8192 }] },
    storage_stats: {}, cpu_stats: { cpu_usage: { total_usage: used }, system_cpu_usage: used * 4, online_cpus: 2 }, precpu_stats: {},
    memory_stats: { usage: memory, stats: { inactive_file: 1_000_000 }, limit: 268_435_456 },
    networks: { eth0: { rx_bytes: Math.round(seconds * 1000), tx_bytes: Math.round(seconds * 500) } },
  };
}

const VERSION = { Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12", Os: "linux", Arch: "amd64", KernelVersion: "6.1", GoVersion: "go1.19.8", GitCommit: "fake" };
const INFO = { ID: "FAKE", Containers: 500, ContainersRunning: 500, NCPU: 64, MemTotal: 2 ** 38, Runtimes: { runc: { path: "runc" } }, DefaultRuntime: "runc", ServerVersion: "20.10.24" };

function answer(path, asked) {
  if (path === "/_ping") return "OK";
  if (path === "/version") return VERSION;
  if (path === "/info") return INFO;
  if (path === "/containers/json") return [...containers.values()].map(listed);
  if (path === `/images/${IMAGE.id}/json`) return { Id: IMAGE.id, RepoTags: [IMAGE.name], RepoDigests: [`registry.example/platform/worker@sha256:${hex("digest")}`], Config: { Env: ["PATH=/usr/bin"] } };
  const [, id, what] = path.match(/^\/containers\/([^/]+)\/(json|stats)$/) ?? [];
  const found = containers.get(id);
  if (!found || asked !== "GET") return undefined;
  return what === "json" ? inspected(found) : stats(found);
}

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://docker").pathname).replace(/^\/v\d+\.\d+\//, "/");
  response.setHeader("Api-Version", "1.41");
  response.setHeader("Content-Type", "application/json");
  if (path === "/events") {
    // Nothing ever happens; the stream stays open.
    response.flushHeaders();
    return;
  }
  const body = answer(path, request.method);
  if (body === undefined) response.statusCode = 404;
  response.end(JSON.stringify(body ?? { message: `the fake engine knows no ${request.method} ${path}` }));
});
server.listen(socket, () => console.log("ready"));
