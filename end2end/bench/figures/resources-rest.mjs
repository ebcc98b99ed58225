// What the console takes while nobody looks on, beside netdata.

import { Console } from "../console.mjs";
import { Netdata } from "../netdata.mjs";
import { cpuSeconds, megabytes } from "../processes.mjs";
import { sleep, until } from "../wait.mjs";

const SETTLE_S = 60;
const SECONDS = 120;

/** How many series the console stores of its host. */
export async function seriesOf(running) {
  const answer = await fetch(`${running.url}/api/v1/series`, { headers: { cookie: running.cookie } });
  const { series } = await answer.json();
  return series.length;
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  let netdata;
  try {
    netdata = await Netdata.start();
    await until("the sample platform on the page", 60, async () => (await running.page("/deployment")).text.includes('/frontend"'));
    await sleep(SETTLE_S * 1000);
    const pids = [running.process.pid, netdata.process.pid];
    const before = pids.map(cpuSeconds);
    const began = performance.now();
    const resident = [0, 0];
    for (let second = 0; second < SECONDS; second += 5) {
      await sleep(5000);
      pids.forEach((pid, at) => (resident[at] = Math.max(resident[at], megabytes(pid))));
    }
    const took = (performance.now() - began) / 1000;
    const cpu = pids.map((pid, at) => ((cpuSeconds(pid) - before[at]) / took) * 100);
    const series = [await seriesOf(running), await netdata.series()];
    tell(`console: ${cpu[0].toFixed(2)} %, ${resident[0].toFixed(1)} MB, ${series[0]} series`);
    tell(`netdata: ${cpu[1].toFixed(2)} %, ${resident[1].toFixed(1)} MB, ${series[1]} series`);
    const peer = (value) => ({ name: `netdata, ${series[1]} series`, value });
    const per = (values) => values.map((value, at) => (value / series[at]) * 1000);
    const row = (figure, values, unit, limit) => ({ figure, measured: values[0], unit, limit, peer: peer(values[1]) });
    return [
      { ...row("console at rest with its collector, CPU of one core", cpu, "%", 0.5), note: `${series[0]} series, ${SECONDS} s` },
      row("the same for 1,000 series", per(cpu), "%"),
      row("console at rest with its collector, resident", resident, "MB", 48),
      row("the same for 1,000 series", per(resident), "MB"),
    ];
  } finally {
    await netdata?.remove();
    await running.remove();
  }
}
