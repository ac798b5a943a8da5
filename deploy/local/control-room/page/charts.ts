import uPlot from "uplot";
import { find } from "../../../../src/web/dom.ts";
import { type Moment, type Snapshot, chartWindowMs } from "../contract.ts";

type Figure = "eventsPerSecond" | "p50Ms" | "p99Ms";

interface Line {
  part: string;
  figure: Figure;
}

/** Messages per second and latency of each replica, over the last two minutes. */
export function createCharts(history: readonly Moment[]) {
  let moments = [...history];
  let charts: ReturnType<typeof createChart>[] = [];
  let names = new Map<string, string>();

  function build(parts: string[]): void {
    const lines = (figure: Figure): Line[] => parts.map((part) => ({ part, figure }));
    charts = [
      createChart("chart-rate", "Messages per second", lines("eventsPerSecond")),
      createChart(
        "chart-latency",
        "Latency p99 in milliseconds",
        [...lines("p99Ms"), ...lines("p50Ms")],
        true,
      ),
    ];
  }

  // Canvas keeps the colours it was drawn with.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (charts.length === 0) return;
    for (const chart of charts) chart.destroy();
    build([...names.keys()]);
    draw();
  });

  function draw(): void {
    for (const chart of charts) chart.draw(moments, names);
  }

  return {
    add({ at, parts }: Snapshot): void {
      const replicas = parts.filter(({ kind }) => kind === "replica");
      names = new Map(replicas.map(({ part, label }) => [part, label]));
      if (charts.length === 0) build(replicas.map(({ part }) => part));
      const figures = replicas.flatMap(({ part, replica }) => (replica ? [[part, replica] as const] : []));
      moments = moments.filter((moment) => at - moment.at < chartWindowMs);
      moments.push({ at, replicas: Object.fromEntries(figures) });
      draw();
    },
  };
}

function createChart(testId: string, title: string, lines: readonly Line[], isLogarithmic = false) {
  const box = find(testId);
  // As an element has it: a variable itself says both what it is on light and what on dark.
  const probe = document.createElement("i");
  box.append(probe);
  const color = (name: string) => {
    probe.style.color = `var(${name}, var(--accent))`;
    return getComputedStyle(probe).color;
  };
  const axis = {
    stroke: color("--soft"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  const plot = new uPlot(
    {
      width: box.clientWidth || 300,
      height: box.clientHeight || 100,
      legend: { show: false },
      cursor: { show: false },
      padding: [6, 16, 0, 0],
      scales: {
        x: { time: false, range: () => [-chartWindowMs / 1000, 0] },
        y: isLogarithmic
          ? { distr: 3, range: (_plot, _min, max) => [0.1, Math.max(10, (max || 1) * 1.5)] }
          : { range: (_plot, _min, max) => [0, Math.max(10, (max || 0) * 1.15)] },
      },
      axes: [
        {
          ...axis,
          size: 22,
          values: (_plot, splits) => splits.map((second) => (second === 0 ? "now" : `${second} s`)),
        },
        {
          ...axis,
          size: 38,
          // Else a line for each of 2 to 9, too. One above the scale would be drawn over the title.
          ...(isLogarithmic && {
            splits: (_plot, _axis, _min, max) =>
              [0.1, 1, 10, 100, 1000, 10_000].filter((value) => value <= max),
          }),
          values: (_plot, splits) => splits.map((value) => (value === null ? "" : String(value))),
        },
      ],
      series: [
        {},
        ...lines.map(({ part, figure }) => ({
          stroke: color(`--${part}`),
          width: figure === "p50Ms" ? 1.2 : 2,
          points: { show: false },
          ...(figure === "p50Ms" && { dash: [3, 4] }),
        })),
      ],
    },
    [[], ...lines.map(() => [])],
    box,
  );
  probe.remove();
  const observer = new ResizeObserver(() =>
    plot.setSize({ width: box.clientWidth, height: box.clientHeight }),
  );
  observer.observe(box);

  return {
    draw(moments: readonly Moment[], names: ReadonlyMap<string, string>): void {
      const now = moments.at(-1)?.at ?? 0;
      plot.setData([
        moments.map(({ at }) => (at - now) / 1000),
        ...lines.map(({ part, figure }) => moments.map(({ replicas }) => replicas[part]?.[figure] ?? null)),
      ]);
      const latest = lines
        .filter(({ figure }) => figure !== "p50Ms")
        .map(({ part, figure }) => {
          const value = moments.at(-1)?.replicas[part]?.[figure];
          return `${names.get(part) ?? part}: ${value === undefined ? "none" : value.toFixed(1)}`;
        });
      box.ariaLabel = `${title}. Now ${latest.join(", ")}`;
    },
    destroy(): void {
      observer.disconnect();
      plot.destroy();
    },
  };
}
