using Mlops.ImportanceScoring;
using Mlops.Platform.Hosting;

return await ServiceHost.RunAsync(ImportanceScoringService.Module);
