package sourcehttp_test
import ("testing";"io";"syscall";"time";"net/http";"net/http/httptest";"delfos/shared/source/sourcehttp";"delfos/shared/source/sourcedb";"delfos/shared/source";"delfos/shared/partition";"fmt";"context";"os";"strings";"strconv";"slices")
func cpu() time.Duration { var r syscall.Rusage; syscall.Getrusage(0,&r); return time.Duration(r.Utime.Nano()+r.Stime.Nano()) }
func pgcpu(pid int) time.Duration { b,_:=os.ReadFile(fmt.Sprintf("/proc/%d/schedstat",pid)); n,_:=strconv.ParseInt(strings.Fields(string(b))[0],10,64); return time.Duration(n)}
var buf=make([]byte,1<<20)
func readHTTP2(server *httptest.Server) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+dayTarget, nil)
	if err != nil { return err }
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := server.Client().Do(request)
	if err != nil { return err }
	_, err = io.ReadFull(response.Body, buf[:response.ContentLength])
	response.Body.Close()
	return err
}
func TestZZ(t *testing.T){
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	api.exec(t,"UPDATE data SET wind_speed = round(wind_speed::numeric, 3), power = round(power::numeric, 3)")
	api.exec(t,"CLUSTER data USING data_pkey")
	api.exec(t, "VACUUM ANALYZE data")
	server := httptest.NewServer(api.handler)
	lambda := sourcehttp.Lambda(api.handler)
	var pid int
	r:=sourcedb.New(api.pool)
	q:=source.Query{Span:partition.Span{Start:time.Date(2026,2,20,0,0,0,0,time.UTC),End:time.Date(2026,2,21,0,0,0,0,time.UTC)},Variables:[]string{"wind_speed","power"}}
	api.pool.QueryRow(context.Background(),"select pg_backend_pid()").Scan(&pid)
	h:=source.NewHasher(q.Variables)
	type tt struct{name string;f func() error}
	tests:=[]tt{{"raw",func()error{return readRaw(api.pool)}},{"http",func()error{return readHTTP(server,buf)}},{"http2",func()error{return readHTTP2(server)}},{"lambda",func()error{return readEvent(lambda)}},
	{"read",func()error{return r.Read(context.Background(),q,0,func(int64,[]float64)error{return nil})}},
	{"readctx",func()error{ctx,c:=context.WithTimeout(context.Background(),25*time.Second);defer c();return r.Read(ctx,q,0,func(int64,[]float64)error{return nil})}},
	{"readhash",func()error{h.Reset(q.Variables);e:=r.Read(context.Background(),q,0,func(m int64,v []float64)error{h.AddRow(m,v);return nil});h.Sum();return e}},
	{"arrays",func()error{
		rows,err:=api.pool.Query(context.Background(),`SELECT array_agg(timestamp), array_agg(wind_speed), array_agg(power) FROM (SELECT timestamp,wind_speed,power FROM data WHERE timestamp >= $1 AND timestamp < $2 ORDER BY timestamp) s`,
		time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC))
		if err!=nil{return err}
		for rows.Next(){ if len(rows.RawValues()[0])<1440*12 {panic("x")}}
		return rows.Err()}},
	}
	big:=make([]byte,110000)
	static:=httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,r *http.Request){w.Header().Set("Content-Type","application/json");w.Header().Set("Content-Length","110000");w.Write(big)}))
	empty:=httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,r *http.Request){w.Header().Set("Content-Type","application/json")}))
	rec:=httptest.NewRequest("GET",dayTarget,nil); rec.Header.Set("Authorization","Bearer "+token)
	tests=append(tests,tt{"static",func()error{return readHTTP(static,buf)}},tt{"static2",func()error{return readHTTP2(static)}},tt{"empty",func()error{return readHTTP(empty,nil)}},tt{"handler",func()error{api.handler.ServeHTTP(nop{http.Header{}},rec);return nil}})
	rec0:=httptest.NewRequest("GET",strings.ReplaceAll(dayTarget,"2026","2025"),nil); rec0.Header.Set("Authorization","Bearer "+token)
	tests=append(tests,tt{"handler0",func()error{api.handler.ServeHTTP(nop{http.Header{}},rec0);return nil}},
	tt{"raw0",func()error{rows,err:=api.pool.Query(context.Background(), `SELECT timestamp, wind_speed, power FROM data
		WHERE timestamp >= $1 AND timestamp < $2 ORDER BY timestamp`,
		time.Date(2025, 2, 20, 0, 0, 0, 0, time.UTC), time.Date(2025, 2, 21, 0, 0, 0, 0, time.UTC)); if err!=nil{return err}; for rows.Next(){}; return rows.Err()}})
	type res struct{w,c,p []time.Duration}
	rs:=map[string]*res{}
	for i:=0;i<200;i++{ for _,x:=range tests{
		if rs[x.name]==nil{rs[x.name]=&res{}}
		y:=rs[x.name]
		c,p,n:=cpu(),pgcpu(pid),time.Now()
		if e:=x.f();e!=nil{t.Fatal(e)}
		y.w=append(y.w,time.Since(n));y.c=append(y.c,cpu()-c);y.p=append(y.p,pgcpu(pid)-p)
	}}
	for _,x:=range tests{y:=rs[x.name]; t.Logf("%-9s wall p50 %v p10 %v  go %v  pg %v",x.name,median(y.w),p10(y.w),median(y.c),median(y.p))}
}
func p10(d []time.Duration) time.Duration { s:=slices.Sorted(slices.Values(d)); return s[len(s)/10] }
type nop struct{h http.Header}
func (n nop) Header() http.Header{return n.h}
func (n nop) Write(b []byte)(int,error){return len(b),nil}
func (n nop) WriteHeader(int){}
