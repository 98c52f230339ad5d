package postgres
import ("testing";"os";"context";"fmt")
func TestProbe(t *testing.T){
 s,err:=Start(context.Background(),Options{DataDir:os.Getenv("PROBE"),Progress:func(x string){fmt.Println("progress:",x)}})
 fmt.Printf("ERR %v\n",err); if s!=nil { 
  err=run(context.Background(),s,"create table if not exists x as select generate_series(1,4000000) i"); fmt.Println("fill:",err)
  fmt.Println(s.Err()); stop(t,s)}
}
func TestProbeFetch(t *testing.T){
 b,err:=Fetch(t.Context(),os.Getenv("PROBE"),func(x string){fmt.Println("progress:",x)})
 fmt.Println(b,err)
 b,err=Fetch(t.Context(),os.Getenv("PROBE"),func(x string){fmt.Println("progress:",x)})
 fmt.Println(b,err)
 if err==nil { s,err:=Start(t.Context(),Options{Binaries:b,DataDir:os.Getenv("PROBE")+"/pg"}); fmt.Println(err); if err==nil{stop(t,s)}}
}
