import * as echarts from "echarts";

/* Plain JavaScript, since the library is installed for the benchmark alone. */

const colors = { ours: "#2f6fdb", others: "#9aa7b8" };

/**
 * Bars of one figure, ours in another colour, as an SVG that reads on light and dark pages.
 *
 * @param {{ title: string, unit: string, bars: { name: string, value: number }[] }} chart
 * @returns {string}
 */
export function barChart({ title, unit, bars }) {
  const height = 86 + bars.length * 30;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 760, height });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: { text: title, left: 12, top: 8, textStyle: { fontSize: 15, fontWeight: 600 } },
    // Without a page there is nothing to measure text with: as wide as the longest name.
    grid: { left: 210, right: 76, top: 44, bottom: 42 },
    xAxis: {
      type: "value",
      name: unit,
      nameLocation: "middle",
      nameGap: 22,
      splitLine: { lineStyle: { color: "#eceff3" } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map(({ name }) => name),
      axisLabel: { fontSize: 12 },
      axisTick: { show: false },
    },
    series: [
      {
        type: "bar",
        barWidth: 16,
        data: bars.map(({ name, value }) => ({
          value,
          itemStyle: { color: name.startsWith("Trimaran") ? colors.ours : colors.others },
        })),
        label: {
          show: true,
          position: "right",
          formatter: ({ value }) => String(Number(value.toPrecision(3))),
        },
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
