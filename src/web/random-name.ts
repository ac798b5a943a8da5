const first = [
  "Amber",
  "Brisk",
  "Calm",
  "Coral",
  "Gentle",
  "Golden",
  "Merry",
  "Misty",
  "Quiet",
  "Silver",
  "Sunny",
  "Swift",
];
const second = [
  "Dolphin",
  "Egret",
  "Gull",
  "Heron",
  "Marlin",
  "Otter",
  "Pelican",
  "Puffin",
  "Seal",
  "Tern",
  "Turtle",
  "Whale",
];

/** A friendly one, such as "Amber Otter". */
export function randomName(): string {
  return `${pick(first)} ${pick(second)}`;
}

export function pick(list: readonly string[]): string {
  return list[Math.floor(Math.random() * list.length)] ?? "";
}
