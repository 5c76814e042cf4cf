using Mlops.Platform.Hosting;
using Mlops.ScheduleSearch;

// `candidates`: a process that only scores the candidates of searches that run elsewhere.
return await ServiceHost.RunAsync(
    args is ["candidates"] ? ScheduleSearchService.CandidateWorker : ScheduleSearchService.Module);
