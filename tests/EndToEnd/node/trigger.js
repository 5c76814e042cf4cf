// Publishes standard input, as it is, to the public trigger: echo '{"recipe":"alter"}' | node trigger.js
// Broker, user and password come from MLOPS_BROKER, MLOPS_BROKER_USER and MLOPS_BROKER_PASSWORD.
import { readFileSync } from "node:fs";
import amqp from "amqplib";

const broker = new URL(process.env.MLOPS_BROKER);
broker.username = encodeURIComponent(process.env.MLOPS_BROKER_USER);
broker.password = encodeURIComponent(process.env.MLOPS_BROKER_PASSWORD);

const connection = await amqp.connect(broker.href);
const channel = await connection.createConfirmChannel();
channel.publish("mlops.request-run", "", readFileSync(0), {
  contentType: "application/json", persistent: true, mandatory: true,
});
await channel.waitForConfirms();
await connection.close();
