using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Orchestrator.Store;

/// <summary>The tables. Times are Unix milliseconds: SQLite cannot order by anything richer.</summary>
internal sealed class StoreContext(DbContextOptions<StoreContext> options) : DbContext(options)
{
    /// <summary>Indexes on columns of complex types, which the model cannot declare.</summary>
    public const string ComplexIndexes = """
        CREATE INDEX IF NOT EXISTS "IX_Jobs_LeaseUntilMs" ON "Jobs" ("LeaseUntilMs");
        CREATE INDEX IF NOT EXISTS "IX_Jobs_Key" ON "Jobs" ("Key");
        CREATE INDEX IF NOT EXISTS "IX_Attempts_Key" ON "Attempts" ("Key");
        """;

    public DbSet<RunState> Runs => Set<RunState>();

    public DbSet<JobRow> Jobs => Set<JobRow>();

    public DbSet<AttemptRow> Attempts => Set<AttemptRow>();

    public DbSet<RequestRow> Requests => Set<RequestRow>();

    public DbSet<InboxRow> Inbox => Set<InboxRow>();

    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    public DbSet<Occurrence> Occurrences => Set<Occurrence>();

    /// <summary>Runs that are under way.</summary>
    public IQueryable<RunState> OpenRuns =>
        Runs.Where(run => run.Status == RunStatus.Running || run.Status == RunStatus.Cancelling);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<Enum>().HaveConversion<string>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RunState>(run =>
        {
            run.HasKey(row => row.RunId);
            run.Property(row => row.Inputs)
                .HasConversion<JsonColumn<ImmutableSortedDictionary<string, ObjectRef>>>();
            // Rows of their own.
            run.Ignore(row => row.Jobs).Ignore(row => row.Attempts);
            run.Ignore(row => row.Current!).Ignore(row => row.OpenAttempt!);
            run.HasIndex(row => row.StartedMs);
        });
        modelBuilder.Entity<JobRow>(job =>
        {
            job.HasKey(row => new { row.RunId, row.Position });
            job.HasOne<RunState>().WithMany().HasForeignKey(row => row.RunId);
            job.ComplexProperty(row => row.State, state =>
            {
                state.Property(each => each.Uses)
                    .HasConversion<JsonColumn<ImmutableSortedDictionary<string, string>>>();
                state.ComplexProperty(each => each.Output, output =>
                {
                    output.Property(each => each.Sha256).HasColumnName("OutputSha256");
                    output.Property(each => each.Length).HasColumnName("OutputLength");
                });
                NameColumns(state);
            });
        });
        modelBuilder.Entity<AttemptRow>(attempt =>
        {
            attempt.HasKey(row => new { row.RunId, row.Number });
            attempt.HasOne<RunState>().WithMany().HasForeignKey(row => row.RunId);
            attempt.ComplexProperty(row => row.State, state =>
            {
                state.Property(each => each.KeyParts)
                    .HasConversion<JsonColumn<IReadOnlyDictionary<string, string>>>();
                state.Property(each => each.Number).HasColumnName("AttemptNumber");
                state.ComplexProperty(each => each.Usage, NameColumns);
                NameColumns(state);
            });
        });
        modelBuilder.Entity<RequestRow>(request => request.HasKey(row => row.RunId));
        modelBuilder.Entity<InboxRow>(inbox =>
        {
            inbox.HasKey(row => row.MessageId);
            inbox.HasIndex(row => row.ReceivedMs);
        });
        modelBuilder.Entity<OutboxRow>(outbox =>
        {
            outbox.HasKey(row => row.Id);
            outbox.HasIndex(row => row.DueMs);
        });
        modelBuilder.Entity<Occurrence>(occurrence =>
        {
            occurrence.HasKey(row => row.RunId);
            occurrence.Property(row => row.Command).HasConversion<JsonColumn<StartRun>>();
            occurrence.HasIndex(row => new { row.Schedule, row.PlannedMs });
        });
    }

    // "Status" rather than "State_Status".
    private static void NameColumns<TState>(ComplexPropertyBuilder<TState> state) where TState : notnull
    {
        foreach (var property in state.Metadata.ComplexType.GetProperties())
            if (property.FindAnnotation("Relational:ColumnName") is null)
                property.SetColumnName(property.Name);
    }
}
