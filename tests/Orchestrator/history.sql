-- A run history as the program wrote it with Entity Framework Core 6, of schema version 4.
CREATE TABLE "Fires" (
    "RunId" TEXT NOT NULL CONSTRAINT "PK_Fires" PRIMARY KEY,
    "Schedule" TEXT NOT NULL,
    "PlannedMs" INTEGER NOT NULL,
    "ByHand" INTEGER NOT NULL,
    "Outcome" TEXT NOT NULL,
    "Reason" TEXT NULL,
    "Promoted" INTEGER NULL,
    "Verdict" TEXT NULL
);
CREATE TABLE "Inbox" (
    "MessageId" TEXT NOT NULL CONSTRAINT "PK_Inbox" PRIMARY KEY,
    "ReceivedMs" INTEGER NOT NULL
);
CREATE TABLE "Outbox" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Outbox" PRIMARY KEY AUTOINCREMENT,
    "MessageId" TEXT NOT NULL,
    "RunId" TEXT NOT NULL,
    "Type" TEXT NOT NULL,
    "Body" TEXT NOT NULL,
    "Key" TEXT NULL,
    "DueMs" INTEGER NOT NULL,
    "Failures" INTEGER NOT NULL
);
CREATE TABLE "Requests" (
    "RunId" TEXT NOT NULL CONSTRAINT "PK_Requests" PRIMARY KEY,
    "Digest" TEXT NOT NULL
);
CREATE TABLE "Runs" (
    "RunId" TEXT NOT NULL CONSTRAINT "PK_Runs" PRIMARY KEY,
    "Recipe" TEXT NOT NULL,
    "Seed" INTEGER NOT NULL,
    "Macs" REAL NOT NULL,
    "Inputs" TEXT NOT NULL,
    "StartedMs" INTEGER NOT NULL,
    "Status" TEXT NOT NULL,
    "Reason" TEXT NULL,
    "Failure" TEXT NULL,
    "FinishedMs" INTEGER NULL,
    "AttemptsMade" INTEGER NOT NULL
);
CREATE TABLE "Attempts" (
    "RunId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "JobId" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "DispatchedMs" INTEGER NOT NULL,
    "ExecutionId" TEXT NULL,
    "WorkerId" TEXT NULL,
    "ClaimedMs" INTEGER NULL,
    "EndedMs" INTEGER NULL,
    "Outcome" TEXT NOT NULL,
    "CpuSeconds" REAL NOT NULL,
    "GpuSeconds" REAL NOT NULL,
    "BytesRead" INTEGER NOT NULL,
    "BytesWritten" INTEGER NOT NULL,
    "SavedSeconds" REAL NOT NULL,
    "WastedSeconds" REAL NOT NULL,
    "Reason" TEXT NULL,
    "Key" TEXT NULL,
    "KeyParts" TEXT NULL,
    CONSTRAINT "PK_Attempts" PRIMARY KEY ("RunId", "Number"),
    CONSTRAINT "FK_Attempts_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("RunId") ON DELETE CASCADE
);
CREATE TABLE "Jobs" (
    "RunId" TEXT NOT NULL,
    "JobId" TEXT NOT NULL,
    "Position" INTEGER NOT NULL,
    "Kind" TEXT NOT NULL,
    "Uses" TEXT NOT NULL,
    "Settings" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "Failures" INTEGER NOT NULL,
    "Losses" INTEGER NOT NULL,
    "ExecutionId" TEXT NULL,
    "WorkerId" TEXT NULL,
    "Key" TEXT NULL,
    "LeaseUntilMs" INTEGER NULL,
    "OutputSha256" TEXT NULL,
    "OutputLength" INTEGER NOT NULL,
    "Seconds" REAL NOT NULL,
    "Cached" INTEGER NOT NULL,
    "Fraction" REAL NOT NULL,
    "Activity" TEXT NULL,
    "Reason" TEXT NULL,
    "StartedMs" INTEGER NULL,
    "FinishedMs" INTEGER NULL,
    CONSTRAINT "PK_Jobs" PRIMARY KEY ("RunId", "JobId"),
    CONSTRAINT "FK_Jobs_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("RunId") ON DELETE CASCADE
);
CREATE INDEX "IX_Attempts_Key" ON "Attempts" ("Key");
CREATE INDEX "IX_Fires_Schedule_PlannedMs" ON "Fires" ("Schedule", "PlannedMs");
CREATE INDEX "IX_Inbox_ReceivedMs" ON "Inbox" ("ReceivedMs");
CREATE INDEX "IX_Jobs_Key" ON "Jobs" ("Key");
CREATE INDEX "IX_Jobs_LeaseUntilMs" ON "Jobs" ("LeaseUntilMs");
CREATE INDEX "IX_Outbox_DueMs" ON "Outbox" ("DueMs");
CREATE INDEX "IX_Runs_StartedMs" ON "Runs" ("StartedMs");
INSERT INTO "Runs" VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 'random', 0, 0.65,
    '{"data":{"sha256":"69eee5d855f5dab8920726eed733b7702b1fe4b9d1cc4a0181fa8e3ef9552f08","length":154}}',
    1795776978620, 'Cancelled', 'cancelled at the command line', NULL, 1795777067762, 1);
INSERT INTO "Jobs" VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 'evaluation', 1, 'Evaluate',
    '{"data":"data","model":"model","pruned":"pruned"}', '{"macs":0.65}', 'Waiting', 0, 0, 0, NULL, NULL, NULL, NULL,
    NULL, 0, 0.0, 0, 0.0, NULL, NULL, NULL, NULL);
INSERT INTO "Jobs" VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 'model', 0, 'CoFinetune', '{"data":"data"}', '{"mode":"dense"}',
    'Waiting', 1, 0, 0, 'FF2CC914-C1D3-4203-8A98-7371B6A9E828', 'embedded',
    '1f9475ab9ebddd3eddc953fc58a51911390f4245b0c3c1f3783bdba1b999a1ff', NULL, NULL, 0, 0.0, 0, 0.015833333333333335,
    'step 19 of 1200, loss 0.5525, kept 1.00', 'the work was stopped before it was done; resume the run to go on',
    1795776978769, NULL);
INSERT INTO "Attempts" VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 1, 'model', 1, 1795776978769, 'FF2CC914-C1D3-4203-8A98-7371B6A9E828',
    'embedded', 1795776979353, 1795777020054, 'Cancelled', 37.162471, 0.0, 418, 7774936, 40.5736887,
    0.12731130000000235, 'the work was stopped before it was done; resume the run to go on',
    '1f9475ab9ebddd3eddc953fc58a51911390f4245b0c3c1f3783bdba1b999a1ff', '{"protocol":"co-finetune/1","seed":"0"}');
INSERT INTO "Fires" VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 'nightly', 1795776978000, 0, 'Started', NULL, NULL, NULL);
PRAGMA user_version = 4;
