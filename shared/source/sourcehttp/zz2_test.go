package sourcehttp_test
import ("testing";"net/http/httptest";"net/http";"delfos/shared/source/sourcehttp")
func BenchmarkHandler(b *testing.B){
	api := newAPI(b, sourcehttp.Options{})
	api.minutes(b)
	api.exec(b,"UPDATE data SET wind_speed = round(wind_speed::numeric, 3), power = round(power::numeric, 3)")
	api.exec(b,"CLUSTER data USING data_pkey")
	api.exec(b, "VACUUM ANALYZE data")
	rec:=httptest.NewRequest("GET",dayTarget,nil); rec.Header.Set("Authorization","Bearer "+token)
	b.ReportAllocs()
	for b.Loop(){api.handler.ServeHTTP(nop{http.Header{}},rec)}
}
