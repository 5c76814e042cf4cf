// Called by validate.sh with rendered files. Two looks at each object: the schema's own validator for values, and the
// TypeScript compiler for names, because the schemas allow fields they do not know and the types do not.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { loadAll } from "js-yaml";

const moduleOf = (apiVersion) =>
  apiVersion.startsWith("keda.sh/") ? `@kubernetes-models/keda/${apiVersion}` : `kubernetes-models/${apiVersion}`;

const objects = process.argv.slice(2).flatMap((file) =>
  loadAll(readFileSync(file, "utf8")).filter(Boolean).map((object) => ({ file, object })));

const wrong = [];
const typed = [];
for (const [index, { file, object }] of objects.entries()) {
  const { apiVersion, kind, metadata } = object;
  const where = `${file}: ${kind} ${metadata.name}`;
  const models = await import(moduleOf(apiVersion));
  if (!models[kind]) {
    wrong.push(`${where}: no schema of ${apiVersion}`);
    continue;
  }
  try {
    new models[kind](object).validate();
  } catch (error) {
    wrong.push(`${where}: ${error.message}`);
  }
  typed.push(
    `import type { I${kind} as T${index} } from "${moduleOf(apiVersion)}";`,
    `// ${where}`,
    `export const o${index}: T${index} = ${JSON.stringify(object, null, 1)};`);
}

writeFileSync("objects.ts", typed.join("\n"));
try {
  execFileSync(
    "node",
    ["node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "objects.ts"],
    { encoding: "utf8" });
} catch (error) {
  wrong.push(error.stdout);
}

if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`${objects.length} objects agree with their schemas`);
