/** A table in Markdown. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head).replaceAll("|  ", "| "), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
