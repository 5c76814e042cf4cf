using Microsoft.EntityFrameworkCore;

namespace Mlops.Orchestrator.History;

/// <summary>The tables of the run history.</summary>
internal sealed class HistoryContext(DbContextOptions<HistoryContext> options) : DbContext(options)
{
    public DbSet<RunRow> Runs => Set<RunRow>();

    public DbSet<JobRow> Jobs => Set<JobRow>();

    public DbSet<AttemptRow> Attempts => Set<AttemptRow>();

    public DbSet<RequestRow> Requests => Set<RequestRow>();

    public DbSet<InboxRow> Inbox => Set<InboxRow>();

    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    public DbSet<FireRow> Fires => Set<FireRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RunRow>(run =>
        {
            run.HasKey(row => row.RunId);
            run.Property(row => row.Status).HasConversion<string>();
            run.Property(row => row.Failure).HasConversion<string>();
            run.HasIndex(row => row.StartedMs);
            run.HasMany(row => row.Jobs).WithOne().HasForeignKey(job => job.RunId);
            run.HasMany(row => row.Attempts).WithOne().HasForeignKey(attempt => attempt.RunId);
        });
        modelBuilder.Entity<JobRow>(job =>
        {
            job.HasKey(row => new { row.RunId, row.JobId });
            job.Property(row => row.Kind).HasConversion<string>();
            job.Property(row => row.Status).HasConversion<string>();
            job.HasIndex(row => row.LeaseUntilMs);
            job.HasIndex(row => row.Key);
        });
        modelBuilder.Entity<AttemptRow>(attempt =>
        {
            attempt.HasKey(row => new { row.RunId, row.Number });
            attempt.Property(row => row.Outcome).HasConversion<string>();
            attempt.HasIndex(row => row.Key);
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
        modelBuilder.Entity<FireRow>(fire =>
        {
            fire.HasKey(row => row.RunId);
            fire.Property(row => row.Outcome).HasConversion<string>();
            fire.HasIndex(row => new { row.Schedule, row.PlannedMs });
        });
    }
}
