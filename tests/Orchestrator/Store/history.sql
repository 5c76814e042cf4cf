-- A run history as the program wrote it, of schema version 5.
CREATE TABLE "Inbox" (
    "MessageId" TEXT NOT NULL CONSTRAINT "PK_Inbox" PRIMARY KEY,
    "ReceivedMs" INTEGER NOT NULL
);
CREATE TABLE "Occurrences" (
    "RunId" TEXT NOT NULL CONSTRAINT "PK_Occurrences" PRIMARY KEY,
    "Schedule" TEXT NOT NULL,
    "PlannedMs" INTEGER NOT NULL,
    "Manual" INTEGER NOT NULL,
    "Status" TEXT NOT NULL,
    "Reason" TEXT NULL,
    "Command" TEXT NULL,
    "Promoted" INTEGER NULL,
    "Verdict" TEXT NULL
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
    "Attempt" INTEGER NOT NULL,
    "ClaimedMs" INTEGER NULL,
    "DispatchedMs" INTEGER NOT NULL,
    "EndedMs" INTEGER NULL,
    "ExecutionId" TEXT NULL,
    "JobId" TEXT NOT NULL,
    "Key" TEXT NULL,
    "KeyParts" TEXT NULL,
    "AttemptNumber" INTEGER NOT NULL,
    "Outcome" TEXT NOT NULL,
    "Reason" TEXT NULL,
    "WastedSeconds" REAL NOT NULL,
    "WorkerId" TEXT NULL,
    "BytesRead" INTEGER NOT NULL,
    "BytesWritten" INTEGER NOT NULL,
    "CpuSeconds" REAL NOT NULL,
    "GpuSeconds" REAL NOT NULL,
    "SavedSeconds" REAL NOT NULL,
    CONSTRAINT "PK_Attempts" PRIMARY KEY ("RunId", "Number"),
    CONSTRAINT "FK_Attempts_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("RunId") ON DELETE CASCADE
);
CREATE TABLE "Jobs" (
    "RunId" TEXT NOT NULL,
    "Position" INTEGER NOT NULL,
    "Activity" TEXT NULL,
    "Attempt" INTEGER NOT NULL,
    "Cached" INTEGER NOT NULL,
    "ExecutionId" TEXT NULL,
    "Failures" INTEGER NOT NULL,
    "FinishedMs" INTEGER NULL,
    "Fraction" REAL NOT NULL,
    "JobId" TEXT NOT NULL,
    "Key" TEXT NULL,
    "Kind" TEXT NOT NULL,
    "LeaseLosses" INTEGER NOT NULL,
    "LeaseUntilMs" INTEGER NULL,
    "Reason" TEXT NULL,
    "Seconds" REAL NOT NULL,
    "Settings" TEXT NOT NULL,
    "StartedMs" INTEGER NULL,
    "Status" TEXT NOT NULL,
    "Uses" TEXT NOT NULL,
    "WorkerId" TEXT NULL,
    "OutputLength" INTEGER NULL,
    "OutputSha256" TEXT NULL,
    CONSTRAINT "PK_Jobs" PRIMARY KEY ("RunId", "Position"),
    CONSTRAINT "FK_Jobs_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("RunId") ON DELETE CASCADE
);
CREATE INDEX "IX_Inbox_ReceivedMs" ON "Inbox" ("ReceivedMs");
CREATE INDEX "IX_Occurrences_Schedule_PlannedMs" ON "Occurrences" ("Schedule", "PlannedMs");
CREATE INDEX "IX_Outbox_DueMs" ON "Outbox" ("DueMs");
CREATE INDEX "IX_Runs_StartedMs" ON "Runs" ("StartedMs");
CREATE INDEX "IX_Jobs_LeaseUntilMs" ON "Jobs" ("LeaseUntilMs");
CREATE INDEX "IX_Jobs_Key" ON "Jobs" ("Key");
CREATE INDEX "IX_Attempts_Key" ON "Attempts" ("Key");
INSERT INTO "Runs" (
    "RunId", "Recipe", "Seed", "Macs", "Inputs", "StartedMs", "Status", "Reason", "Failure", "FinishedMs",
    "AttemptsMade")
VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 'random', 0, 0.65,
    '{"data":{"sha256":"69eee5d855f5dab8920726eed733b7702b1fe4b9d1cc4a0181fa8e3ef9552f08","length":154}}',
    1795776978620, 'Cancelled', 'cancelled at the command line', NULL, 1795777067762, 1);
INSERT INTO "Jobs" (
    "RunId", "Position", "Activity", "Attempt", "Cached", "ExecutionId", "Failures", "FinishedMs", "Fraction",
    "JobId", "Key", "Kind", "LeaseLosses", "LeaseUntilMs", "Reason", "Seconds", "Settings", "StartedMs", "Status",
    "Uses", "WorkerId", "OutputLength", "OutputSha256")
VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 1, NULL, 0, 0, NULL, 0, NULL, 0.0, 'evaluation', NULL, 'Evaluate', 0,
    NULL, NULL, 0.0, '{"macs":0.65}', NULL, 'Waiting', '{"data":"data","model":"model","pruned":"pruned"}', NULL,
    NULL, NULL);
INSERT INTO "Jobs" (
    "RunId", "Position", "Activity", "Attempt", "Cached", "ExecutionId", "Failures", "FinishedMs", "Fraction",
    "JobId", "Key", "Kind", "LeaseLosses", "LeaseUntilMs", "Reason", "Seconds", "Settings", "StartedMs", "Status",
    "Uses", "WorkerId", "OutputLength", "OutputSha256")
VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 0, 'step 19 of 1200, loss 0.5525, kept 1.00', 1, 0,
    'FF2CC914-C1D3-4203-8A98-7371B6A9E828', 0, NULL, 0.015833333333333335, 'model',
    '1f9475ab9ebddd3eddc953fc58a51911390f4245b0c3c1f3783bdba1b999a1ff', 'CoFinetune', 0, NULL,
    'the work was stopped before it was done; resume the run to go on', 0.0, '{"mode":"dense"}', 1795776978769,
    'Waiting', '{"data":"data"}', 'embedded', NULL, NULL);
INSERT INTO "Attempts" (
    "RunId", "Number", "Attempt", "ClaimedMs", "DispatchedMs", "EndedMs", "ExecutionId", "JobId", "Key", "KeyParts",
    "AttemptNumber", "Outcome", "Reason", "WastedSeconds", "WorkerId", "BytesRead", "BytesWritten", "CpuSeconds",
    "GpuSeconds", "SavedSeconds")
VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 1, 1, 1795776979353, 1795776978769, 1795777020054,
    'FF2CC914-C1D3-4203-8A98-7371B6A9E828', 'model',
    '1f9475ab9ebddd3eddc953fc58a51911390f4245b0c3c1f3783bdba1b999a1ff', '{"protocol":"co-finetune/1","seed":"0"}', 1,
    'Cancelled', 'the work was stopped before it was done; resume the run to go on', 0.12731130000000235, 'embedded',
    418, 7774936, 37.162471, 0.0, 40.5736887);
INSERT INTO "Occurrences" (
    "RunId", "Schedule", "PlannedMs", "Manual", "Status", "Reason", "Command", "Promoted", "Verdict")
VALUES (
    'FE6E4FC1-9948-4694-AD31-B45F135824A1', 'nightly', 1795776978000, 0, 'Started', NULL, NULL, NULL, NULL);
PRAGMA user_version = 5;
