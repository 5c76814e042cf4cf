using Mlops.ScheduleSearch;
using Mlops.Platform.Hosting;

return await ServiceHost.RunAsync(ScheduleSearchService.Module);
