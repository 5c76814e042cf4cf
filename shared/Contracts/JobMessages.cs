namespace Mlops.Contracts;

/// <summary>Orders a job; each kind of job has a command of its own.</summary>
public interface IJobCommand
{
    /// <summary>The run that the job belongs to.</summary>
    Guid RunId { get; }

    /// <summary>The job.</summary>
    JobOrder Job { get; }
}

/// <summary>Says that a job is done; each kind of job has an event of its own.</summary>
public interface IJobEvent
{
    /// <summary>The run that the job belongs to.</summary>
    Guid RunId { get; }

    /// <summary>What it made.</summary>
    JobResult Result { get; }
}
