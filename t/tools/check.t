#!/usr/bin/perl
# assay check: a domain without fault, and a planted fault for everything it
# can say.
use strict;
use warnings;
use Test::More;
use JSON::PP;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay golden data slurp spew scratch);
use Assay::Https;

my $top  = $ENV{top_srcdir} // '.';
my $dir  = scratch();
my $good = slurp(data('good.zone'));
my @args = qw(--selector s1 --ip 192.0.2.10 --tracking click.good.example);
my $k1024 = 'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC2M4RxeuZORssjJcFJ4oFD8sANbe8w73o4tgHqDLxajDWFPA3GTJmTEIyAKssh9DScn0uFT340mw+UgoUFxfzccVWz1nNOqT7+pR2CNKk0VaNRY1P2IwqDSWwoXCG3ciP85FJGVPLYuDzNTul1Vsmx6QNoDVB6bn6G21z80cU6eQIDAQAB';
my $k512  = 'MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANH6RQ1hw9brvxxpayIWmgTr93rew96e/40cLDNdChMHj5Qbb0UwISQXGMUC2erKahC978rXmCRBvCYkCCcVZvUCAwEAAQ==';
my $ked   = 'U6ilFn+2HvDdBcf5eTnCGBkR0TYpWjZEwvnHkwrdhe4=';
my $d = 'good.example';

sub findings {
    my ($zone, @more) = @_;
    spew("$dir/zone", $zone);
    my ($status, $out, $err) = assay('check', '--json', '--zone', "$dir/zone", @more, 'good.example');
    my $r = eval { decode_json($out) } or diag $out, $err;
    return ($status, $r, map { map { $_->{id} } @{ $_->{findings} } } grep { ref && $_->{findings} } values %$r);
}

# The zone without the records of a name and type, and with others.
sub zone {
    my ($drop, $add) = @_;
    return join("\n", grep { !$drop || !/^\Q$drop\E\s/ } split /\n/, $good) . "\n$add\n";
}
sub txt { my ($name, @texts) = @_; return join '', map { "$name TXT \"$_\"\n" } @texts }
sub spf { return ("$d                TXT", txt($d, @_)) }
sub dmarc { return ("_dmarc.$d", txt("_dmarc.$d", @_)) }
sub key { return ("s1._domainkey.$d", txt("s1._domainkey.$d", @_)) }

my ($status, $report, @none) = findings($good, @args);
is $status, 0, 'the good domain: exit status 0';
is "@none", '', '... and nothing is found';
golden('check-good', 0, 'check', '--zone', 'good.zone', @args, 'good.example');

my $rua = 'rua=mailto:d@good.example';
my $mx  = "$d                MX";
my @planted = (
    [dnssec_dns     => ["$d                DS", "$d TIMEOUT"]],
    [dnssec_none    => ["$d                DS", '']],
    [dnssec_broken  => ["$d                SECURE", '']],
    [domain_missing => ['', ''], 'gone'],
    [mx_dns         => [$mx, "$d SERVFAIL"]],
    [mx_none        => [$mx, '']],
    [mx_null        => [$mx, "$d MX 0 ."]],
    [mx_null_beside => ['', "$d MX 0 ."]],
    [mx_address     => [$mx, "$d MX 10 nowhere.example"]],
    [mx_address_dns => [$mx, "$d MX 10 slow.example\nslow.example TIMEOUT"]],
    [mx_alias       => [$mx, "$d MX 10 click.$d"]],
    [mx_host        => [$mx, "$d MX 10 192.0.2.10"]],
    [spf_dns        => ["$d                TXT", "$d TIMEOUT"]],
    [spf_none       => [spf()]],
    [spf_looks_like => [spf('v=spf1;ip4:192.0.2.10 -all')]],
    [spf_looks_like => [spf(' v=spf1 ip4:192.0.2.10 -all')]],
    [spf_several    => [spf('v=spf1 ip4:192.0.2.10 -all', 'v=spf1 mx -all')]],
    [spf_syntax     => [spf('v=spf1 ipv4:192.0.2.10 -all')]],
    [spf_syntax     => [spf('v=spf1 ip4:192.0.2.10/33 -all')]],
    [spf_syntax     => [spf('v=spf1 ip4:192.0.2.10 all-')]],
    [spf_syntax     => [spf('v=spf1 include: -all')]],
    [spf_broken     => [spf('v=spf1 ip4:192.0.2.10 include:nowhere.example -all')]],
    [spf_broken     => [spf("v=spf1 ip4:192.0.2.10 include:$d -all")]],
    [spf_broken     => [spf('v=spf1 ip4:192.0.2.10 redirect=nowhere.example')]],
    [spf_lookups    => [spf('v=spf1 ' . join(' ', map { "a:a$_.x.example" } 1 .. 11) . ' -all'), "*.x.example A 192.0.2.10"]],
    [spf_lookups_near => [spf('v=spf1 ' . join(' ', map { "a:a$_.x.example" } 1 .. 9) . ' -all'), "*.x.example A 192.0.2.10"]],
    [spf_voids      => [spf('v=spf1 ip4:192.0.2.10 a:n1.example a:n2.example a:n3.example -all')]],
    [spf_plus_all   => [spf('v=spf1 +all')]],
    [spf_plus_all   => [spf('v=spf1 include:i.example -all'), 'i.example TXT "v=spf1 all"']],
    [spf_neutral_all => [spf('v=spf1 ip4:192.0.2.10 ?all')]],
    [spf_no_all     => [spf('v=spf1 ip4:192.0.2.10')]],
    [spf_after_all  => [spf('v=spf1 ip4:192.0.2.10 -all mx')]],
    [spf_redirect_dead => [spf('v=spf1 ip4:192.0.2.10 -all redirect=r.example')]],
    [spf_ptr        => [spf('v=spf1 ip4:192.0.2.10 ptr -all')]],
    [spf_ptr        => [spf('v=spf1 ip4:192.0.2.10 exists:%{p}.x.example -all')]],
    [spf_broad      => [spf('v=spf1 ip4:192.0.2.10/1 -all')]],
    [spf_broad      => [spf('v=spf1 a:mx.good.example/0 -all')]],
    [spf_duplicate  => [spf('v=spf1 mx mx -all')]],
    [spf_empty      => [spf('v=spf1 ip4:192.0.2.10 a:nowhere.example -all')]],
    [spf_long       => [spf('v=spf1 ' . join(' ', map { "ip4:192.0.2.$_" } 10 .. 40) . ' -all')]],
    [spf_senderid   => [spf('v=spf1 ip4:192.0.2.10 -all', 'spf2.0/pra ip4:192.0.2.10 -all')]],
    [spf_type99     => ['', "$d SPF \"v=spf1 mx -all\""]],
    [dkim_unknown   => ["s1._domainkey.$d", ''], 'guess'],
    [dkim_dns       => ["s1._domainkey.$d", "s1._domainkey.$d SERVFAIL"]],
    [dkim_missing   => [key()]],
    [dkim_dangling  => ["s1._domainkey.$d", "s1._domainkey.$d CNAME gone.platform.example"]],
    [dkim_several   => ['', txt("s1._domainkey.$d", 'v=DKIM1; p=')]],
    [dkim_key       => [key('v=DKIM1; k=rsa; p=nonsense')]],
    [dkim_key       => [key("v=DKIM2; p=$ked")]],
    [dkim_key       => [key("v=DKIM1; k=dsa; p=$ked")]],
    [dkim_key       => [key("v=DKIM1; s=tlsrpt; k=ed25519; p=$ked")]],
    [dkim_revoked   => [key('v=DKIM1; p=')]],
    [dkim_testing   => [key("v=DKIM1; t=y; k=ed25519; p=$ked")]],
    [dkim_short     => [key("v=DKIM1; p=$k1024")]],
    [dkim_weak      => [key("v=DKIM1; p=$k512")]],
    [dkim_sha1      => [key("v=DKIM1; h=sha1; p=$k1024")]],
    [dkim_policy    => ['', txt("_domainkey.$d", 'o=~; r=postmaster@good.example')]],
    [dkim_wildcard  => ['', txt("*._domainkey.$d", 'v=DKIM1; p=')]],
    [dkim_ed25519_only => [key("v=DKIM1; k=ed25519; p=$ked")]],
    [dkim_own       => ['', ''], 'own'],
    [dmarc_dns      => ["_dmarc.$d", "_dmarc.$d TIMEOUT"]],
    [dmarc_none     => [dmarc()]],
    [dmarc_at_domain => ['', txt($d, 'v=DMARC1; p=reject')]],
    [dmarc_inherited => [dmarc(), ''], 'sub'],
    [dmarc_version  => [dmarc("v=dmarc1; p=reject; $rua")]],
    [dmarc_version  => [dmarc("p=reject; v=DMARC1; $rua")]],
    [dmarc_several  => [dmarc("v=DMARC1; p=reject; $rua", 'v=DMARC1; p=none')]],
    [dmarc_duplicate_tag => [dmarc("v=DMARC1; p=reject; p=none; $rua")]],
    [dmarc_no_policy => [dmarc("v=DMARC1; $rua")]],
    [dmarc_bad_policy => [dmarc("v=DMARC1; p=block; $rua")]],
    [dmarc_bad_policy => [dmarc("v=DMARC1; p=reject; sp=quarantaine; $rua")]],
    [dmarc_bare_mailto => [dmarc('v=DMARC1; p=reject; sp=reject; mailto:report@example.com')]],
    [dmarc_not_a_tag => [dmarc("v=DMARC1; p=reject; strict; $rua")]],
    [dmarc_unknown_tag => [dmarc("v=DMARC1; p=reject; policy=x; $rua")]],
    [dmarc_bad_value => [dmarc("v=DMARC1; p=reject; adkim=strict; $rua")]],
    [dmarc_bad_value => [dmarc("v=DMARC1; p=reject; fo=2; ruf=mailto:d\@good.example; $rua")]],
    [dmarc_historic => [dmarc("v=DMARC1; p=reject; pct=50; $rua")]],
    [dmarc_p_none   => [dmarc("v=DMARC1; p=none; $rua")]],
    [dmarc_sp_weaker => [dmarc("v=DMARC1; p=reject; sp=none; $rua")]],
    [dmarc_np_weaker => [dmarc("v=DMARC1; p=reject; np=none; $rua")]],
    [dmarc_testing  => [dmarc("v=DMARC1; p=reject; t=y; $rua")]],
    [dmarc_psd      => [dmarc("v=DMARC1; p=reject; psd=y; $rua")]],
    [dmarc_no_rua   => [dmarc('v=DMARC1; p=reject')]],
    [dmarc_rua_uri  => [dmarc('v=DMARC1; p=reject; rua=d@good.example')]],
    [dmarc_rua_uri  => [dmarc('v=DMARC1; p=reject; rua=https://good.example/')]],
    [dmarc_rua_size => [dmarc("v=DMARC1; p=reject; $rua!10m")]],
    [dmarc_rua_external => [dmarc('v=DMARC1; p=reject; rua=mailto:d@reports.example')]],
    [dmarc_fo       => [dmarc("v=DMARC1; p=reject; fo=1; $rua")]],
    [dmarc_strict   => [dmarc("v=DMARC1; p=reject; adkim=s; $rua")]],
    [dmarc_no_dkim  => [key()]],
    [sts_none       => ["_mta-sts.$d", '']],
    [sts_dns        => ["_mta-sts.$d", "_mta-sts.$d TIMEOUT"]],
    [tlsrpt_dns     => ["_smtp._tls.$d", "_smtp._tls.$d SERVFAIL"]],
    [bimi_dns       => ["default._bimi.$d", "default._bimi.$d TIMEOUT"]],
    [sts_several    => ['', txt("_mta-sts.$d", 'v=STSv1; id=2')]],
    [sts_id         => ["_mta-sts.$d", txt("_mta-sts.$d", 'v=STSv1; id=2026-11-21')]],
    [sts_id         => ["_mta-sts.$d", txt("_mta-sts.$d", 'v=STSv1;')]],
    [sts_host       => ["mta-sts.$d", '']],
    [tlsrpt_none    => ["_smtp._tls.$d", '']],
    [tlsrpt_several => ['', txt("_smtp._tls.$d", 'v=TLSRPTv1; rua=mailto:x@y.example')]],
    [tlsrpt_rua     => ["_smtp._tls.$d", txt("_smtp._tls.$d", 'v=TLSRPTv1;')]],
    [tlsrpt_uri     => ["_smtp._tls.$d", txt("_smtp._tls.$d", 'v=TLSRPTv1; rua=tls@good.example')]],
    [bimi_several   => ['', txt("default._bimi.$d", 'v=BIMI1; l=; a=')]],
    [bimi_logo      => ["default._bimi.$d", txt("default._bimi.$d", 'v=BIMI1; a=https://x.example/c.pem')]],
    [bimi_https     => ["default._bimi.$d", txt("default._bimi.$d", 'v=BIMI1; l=http://x.example/l.svg; a=https://x.example/c')]],
    [bimi_evidence  => ["default._bimi.$d", txt("default._bimi.$d", 'v=BIMI1; l=https://x.example/l.svg')]],
    [bimi_policy    => [dmarc("v=DMARC1; p=none; $rua")]],
    [address_dns    => ['10.2.0.192.in-addr.arpa', '10.2.0.192.in-addr.arpa SERVFAIL']],
    [address_no_ptr => ['10.2.0.192.in-addr.arpa', '']],
    [address_no_match => ['10.2.0.192.in-addr.arpa', '10.2.0.192.in-addr.arpa PTR other.example']],
    [address_generic => ['10.2.0.192.in-addr.arpa',
            "10.2.0.192.in-addr.arpa PTR host-192-0-2-10.isp.example\nhost-192-0-2-10.isp.example A 192.0.2.10"]],
    [address_spf    => [spf('v=spf1 ip4:192.0.2.11 -all')]],
    [tracking_dns   => ["click.$d", "click.$d TIMEOUT"]],
    [tracking_missing => ["click.$d", '']],
    [tracking_dangling => ['t.platform.example', '']],
    [tracking_no_alias => ["click.$d", "click.$d A 192.0.2.12"]],
);

my ($user) = getpwuid $>;
mkdir "$dir/keys", 0700;
spew("$dir/conf", "user = $user\nkey_dir = \"$dir/keys\"\n");
assay('keys', 'new', '-c', "$dir/conf", 'good.example', 'own');

my %planted;
for (@planted) {
    my ($id, $how, $kind) = @$_;
    my ($drop, $add, $more) = @$how;
    my $zone = zone($drop, $add) . ($more // '') . "\n";
    my @use = $kind && $kind =~ /guess|own/ ? () : @args;
    push @use, '--config', "$dir/conf" if $kind && $kind eq 'own';
    if ($kind && $kind eq 'gone') {
        $zone = "other.example A 192.0.2.1\n";
    } elsif ($kind && $kind eq 'sub') {
        $zone .= txt('_dmarc.example', "v=DMARC1; p=reject; psd=n; $rua");
    }
    my ($s, $r, @ids) = findings($zone, @use);
    $planted{$id}++;
    ok scalar(grep { $_ eq $id } @ids), "$id is found" or diag "found: @ids\n$zone";
    is $s, $r->{summary}{error} ? 1 : 0, '... and the exit status fits';
}

# What DNS does not say is not said to be missing.
spew("$dir/silent", join '', map { "$_ TIMEOUT\n" } $d, 'example', "click.$d", '10.2.0.192.in-addr.arpa', "mx.$d");
my ($unsaid, $hush) = findings("*.$d TIMEOUT\n" . slurp("$dir/silent") . "_dmarc.example TIMEOUT\n", @args);
my @hush = map { map { $_->{id} } @{ $_->{findings} } } grep { ref && $_->{findings} } values %$hush;
is_deeply [grep { !/_dns$/ } @hush], [], 'DNS says nothing: nothing is said to be missing';
ok @hush >= 8, '... but that it says nothing';
is $hush->{dnssec}{signed}, undef, '... nor that the zone is not signed';
is $unsaid, 3, '... and that is no answer';
{
    my $zone = spew("$dir/mute", "*.$d TIMEOUT\n" . slurp("$dir/silent") . "_dmarc.example TIMEOUT\n");
    my ($s, $out, $err) = assay('check', '--zone', $zone, $d);
    is $err, "assay check: DNS has answered nothing: try again\n", '... as it says';
    like $out, qr/\(mx_dns\).*\(dmarc_dns\)/s, '... below what each part tells';
    is +(assay('check', '--zone', $zone, '--bulk', '-', \"$d\n"))[0], 3, '... of many domains, too';
    is +(assay('check', '--zone', spew($zone, slurp($zone) . "default._bimi.$d TXT \"x\"\n"), $d))[0], 1, 'one answer is some';
}

# --- files over HTTPS -----------------------------------------------------------------

my $site = Assay::Https->start("$dir/site", "mta-sts.$d", $d);
my @https = ('--https', $site->at, '--ca-file', $site->ca);
my $logo_head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    . 'version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64"';
my $logo = "$logo_head><title>Good</title><circle cx=\"32\" cy=\"32\" r=\"30\" fill=\"red\"/></svg>";
my $sts = "version: STSv1\r\nmode: enforce\r\nmx: mx.$d\r\nmax_age: 604800\r\n";
my @mark = ("extendedKeyUsage=1.3.6.1.5.5.7.3.31");

sub cert { my ($days, $more, @names) = @_; return slurp(Assay::Https::certificate("$dir/mark.pem", $days, $more, @names)) }

my %file = (sts => '.well-known/mta-sts.txt', logo => 'l.svg', cert => 'c.pem');
my %good = (sts => $sts, logo => $logo, cert => cert(2, \@mark, $d));

sub served {
    my (%change) = @_;
    for my $which (keys %file) {
        my $new = $change{$which} // $good{$which};
        $site->reply($file{$which}, ref $new ? ('', %$new) : $new);
    }
    return findings($good, @args, @https);
}

my ($ws, $wr, @well) = served();
is "@well", '', 'files without fault: nothing is found';
is $ws, 0, '... exit status 0';
like $wr->{mta_sts}{policy}, qr/^mode: enforce\r$/m, '... and the policy is shown';

sub raw { my ($head, $body) = @_; return { raw => "HTTP/1.1 $head\r\n\r\n" . ($body // '') } }

my @files = (
    [sts_fetch => sts => raw('404 Not Found')],
    [sts_fetch => sts => raw("301 Moved\r\nLocation: https://mta-sts.$d/other"), qr/redirect/],
    [sts_fetch => sts => { raw => "220 smtp\r\n" }, qr/no HTTP/],
    [sts_fetch => sts => raw("200 OK\r\nContent-Length: 999", $sts), qr/no HTTP/],
    [sts_fetch => sts => raw('200 OK', $sts . "x: y\n" x 20000), qr/too large/],
    [sts_fetch => sts => raw("200 OK\r\nTransfer-Encoding: chunked", "zz\r\n")],
    [sts_type => sts => raw("200 OK\r\nContent-Type: text/html; charset=x", $sts)],
    [sts_policy => sts => "mode: enforce\nmx: mx.$d\nmax_age: 604800\n", qr/version/],
    [sts_policy => sts => "version: STSv1\nmx: mx.$d\nmax_age: 604800\n", qr/mode/],
    [sts_policy => sts => "version: STSv1\nmode: enforce\nmx: mx.$d\nmax_age: 31557601\n", qr/max_age/],
    [sts_policy => sts => "version: STSv1\nmode: enforce\nmax_age: 604800\n", qr/no mx/],
    [sts_policy => sts => "version: STSv1\nmode: enforce\nmx: mx.*.$d\nmax_age: 604800\n", qr/host name/],
    [sts_policy => sts => '<html>', qr/no "key: value"/],
    [sts_mx => sts => "version: STSv1\nmode: enforce\nmx: mail.$d\nmax_age: 604800\n"],
    [sts_mx => sts => "version: STSv1\nmode: enforce\nmx: *.mx.$d\nmx: *.example\nmax_age: 604800\n"],
    [sts_mx_unused => sts => "version: STSv1\nmode: enforce\nmx: *.$d\nmx: x.$d\nmax_age: 604800\n"],
    [sts_mode => sts => "version: STSv1\nmode: testing\nmx: *.$d\nmax_age: 604800\n"],
    [sts_age => sts => "version: STSv1\nmode: enforce\nmx: *.$d\nmax_age: 3600\n"],
    [bimi_fetch => logo => raw('404 Not Found')],
    [bimi_svg => logo => 'not XML', qr/no XML/],
    [bimi_svg => logo => '<svg version="1.1"><title>x</title></svg>', qr/tiny-ps/],
    [bimi_svg => logo => "$logo_head></svg>", qr/title/],
    [bimi_svg => logo => "$logo_head x=\"0\"><title>x</title></svg>", qr/position/],
    [bimi_svg => logo => "$logo_head><title>x</title><script>1</script></svg>", qr/script/],
    [bimi_svg => logo => "$logo_head><title>x</title><image xlink:href=\"data:,\"/></svg>", qr/profile: image/],
    [bimi_svg => logo => "$logo_head><title>x</title><use xlink:href=\"http://evil.example/#a\"/></svg>", qr/outside/],
    [bimi_svg => logo => "$logo_head><title>x</title><path style=\"fill:url(#a) url(http://evil.example)\"/></svg>", qr/outside/],
    [bimi_svg => logo => "$logo_head onload=\"x()\"><title>x</title></svg>", qr/events/],
    [bimi_svg => logo => "<!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>$logo_head><title>&a;</title></svg>", qr/DOCTYPE/],
    [bimi_svg_size => logo => $logo =~ s{</svg>}{'<!--' . 'x' x 32768 . '--></svg>'}er],
    [bimi_svg_shape => logo => $logo =~ s/64 64/64 32/r],
    [bimi_fetch => cert => raw('403 Forbidden')],
    [bimi_cert => cert => 'no PEM', qr/PEM/],
    [bimi_cert => cert => cert(2, [], $d), qr/for marks/],
    [bimi_cert => cert => cert(2, \@mark, 'other.example'), qr/other domains/],
);
for (@files) {
    my ($id, $which, $content, $detail) = @$_;
    my ($s, $r, @ids) = served($which => $content);
    $planted{$id}++;
    my ($found) = grep { $_->{id} eq $id } map { @{ $_->{findings} } } grep { ref && $_->{findings} } values %$r;
    ok $found, "$id is found" or diag "found: @ids";
    like $found->{detail} // '', $detail, "... $detail" if $detail;
    is $s, $r->{summary}{error} ? 1 : 0, '... and the exit status fits';
}
my (undef, $nr) = findings($good =~ s{l=https://good}{l=https://other}r, @args, @https);
like join(' ', map { $_->{detail} // '' } @{ $nr->{bimi}{findings} }), qr/certificate is not good: .*hostname/i,
    'a certificate of another name';
my $late = time + 3 * 86400;
ok scalar(grep { $_->{id} eq 'bimi_cert' && $_->{detail} =~ /expired/ }
    @{ decode_json((assay('check', '--json', '--now', $late, '--zone', 'good.zone', @args, @https, $d))[1])->{bimi}{findings} }),
    'a certificate that has expired';

# Who can't be trusted, who is not there, who does not answer.
my %troubled = (
    sts_certificate => ['--https', $site->at],
    sts_fetch       => ['--https', '127.0.0.1@9', '--ca-file', $site->ca],
);
for my $id (sort keys %troubled) {
    my (undef, undef, @ids) = findings($good, @args, @{ $troubled{$id} });
    $planted{$id}++;
    ok scalar(grep { $_ eq $id } @ids), "$id is found" or diag "@ids";
}
served();
ok !grep({ /sts_/ } findings($good, @args, @https, '--no-fetch')), '--no-fetch: nothing is fetched';
require IO::Socket::INET;
my $mute = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "$!";
my $began = time;
my (undef, $mr) = findings($good, @args, '--timeout', 1, '--https', '127.0.0.1@' . $mute->sockport, '--ca-file', $site->ca);
like join(' ', map { $_->{detail} } @{ $mr->{mta_sts}{findings} }), qr/no answer in time/, 'a server that says nothing';
cmp_ok time - $began, '<', 8, '... is not waited for for long';

# Its words reach no terminal either.
for my $form ([], ['--json']) {
    $site->reply($file{sts}, "mode: \e[31m\x07\x9b\nversion\e]0;x\x07: STSv1\n", type => "text/\e[31mx");
    $site->reply($file{logo}, "<svg><\e[31mtitle/>");
    $site->reply($file{cert}, "\e[31m");
    my ($s, $out, $err) = assay('check', @$form, '--zone', 'good.zone', @args, @https, $d);
    is $s, 1, "hostile files are faults (@$form)";
    unlike $out . $err, qr/[^\n\x20-\x7e]/, '... and steer no terminal';
}

my @all = slurp("$top/milter/tools/findings.c") =~ /\[FIND_\w+\] = \{\w+, "(\w+)"/g;
cmp_ok @all, '>=', 60, 'what it can find: ' . @all;
is join(' ', grep { !$planted{$_} } @all), '', 'each of them was planted';

# --- records as providers' documentation has them ---------------------------------------

my $hosted = <<'ZONE';
hosted.example TXT "v=spf1 include:spf.protection.host.example include:_spf.bulk.example ~all"
hosted.example MX 0 mx.hosted.example
mx.hosted.example A 192.0.2.1
spf.protection.host.example TXT "v=spf1 ip4:192.0.2.0/24 -all"
_spf.bulk.example TXT "v=spf1 include:a.bulk.example include:b.bulk.example include:c.bulk.example include:d.bulk.example include:e.bulk.example include:f.bulk.example include:g.bulk.example ~all"
*.bulk.example TXT "v=spf1 ip4:198.51.100.0/24 ~all"
selector1._domainkey.hosted.example CNAME selector1-hosted-example._domainkey.host.example
selector2._domainkey.hosted.example CNAME selector2-hosted-example._domainkey.host.example
selector1-hosted-example._domainkey.host.example TXT "v=DKIM1; k=rsa; p=K_2048"
_dmarc.hosted.example TXT "v=DMARC1; p=reject; sp=reject; mailto:report@example.com"
ZONE
$hosted =~ s/K_2048/($good =~ m{k=rsa; p=([^"]+)})[0]/e;
spew("$dir/hosted", $hosted);
my ($hs, $hout) = assay('check', '--zone', "$dir/hosted", qw(-s selector1 -s selector2 hosted.example));
is $hs, 1, 'a hosted platform';
like $hout, qr/alias_of +selector1-hosted-example\._domainkey\.host\.example/, '... its CNAME is shown';
like $hout, qr/error \(dkim_dangling\).*selector2\._domainkey/, '... and the one that is not there';
like $hout, qr/note \(spf_lookups_near\).*9 at worst/, '... nine lookups';
like $hout, qr/dmarc_bare_mailto.*\n.*\n +publish: _dmarc\.hosted\.example\. 3600 IN TXT "v=DMARC1; p=reject; sp=reject; rua=mailto:report\@example\.com"/, '... the bare mailto: is mended';

# A record mended is a record without that fault.
my @mend = (
    [dmarc => 'v=DMARC1; p=reject; pct=50; rf=afrf; ri=86400; rua=mailto:d@good.example!10m', 'v=DMARC1; p=reject; rua=mailto:d@good.example'],
    [dmarc => 'v=DMARC1; p=block; adkim=strict; x=y; rua=d@good.example', 'v=DMARC1; p=none; rua=mailto:d@good.example'],
    [dmarc => 'v=DMARC1; p=reject; p=none; fo=1; rua=mailto:d@good.example', 'v=DMARC1; p=reject; rua=mailto:d@good.example'],
    [spf => 'v=spf1 mx mx ptr +all', 'v=spf1 mx ~all'],
    [spf => 'v=spf1 ip4:192.0.2.10 -all mx redirect=x.example', 'v=spf1 ip4:192.0.2.10 -all'],
    [spf => 'v=spf1 ip4:192.0.2.10', 'v=spf1 ip4:192.0.2.10 ~all'],
);
for (@mend) {
    my ($part, $old, $new) = @$_;
    my (undef, $r) = findings(zone($part eq 'spf' ? spf($old) : dmarc($old)), @args);
    my @publish = map { $_->{publish} // () } @{ $r->{$part}{findings} };
    cmp_ok scalar(grep { /"\Q$new\E"$/ } @publish), '>', 0, "$old: mended" or diag explain $r->{$part};
    (undef, $r) = findings(zone($part eq 'spf' ? spf($new) : dmarc($new)), @args);
    is scalar(grep { $_->{publish} } @{ $r->{$part}{findings} }), 0, '... and then there is nothing to mend';
}

# What documentation tells to publish, in full.
golden('check-providers', 1, qw(check --zone providers.zone --now 1795255200), map({ ('-s', $_) }
    qw(selector1 selector2 20261121093000pm tokenone tokentwo tokenthree google fm1)), 'customer.example');

# --- hostile --------------------------------------------------------------------------------

my $esc = '\\027[31m\\155\\007';
my $nasty = join '', map { txt($_, "v=spf1 $esc -all", "v=DMARC1; p=$esc; $esc; rua=mailto:$esc\@x, v=STSv1",
    "v=DKIM1; k=$esc; p=x", "spf2.0/$esc", "v=BIMI1; l=$esc", "v=STSv1; id=$esc", "v=TLSRPTv1; rua=$esc") }
    map { "$_$d" } '', '_dmarc.', 's1._domainkey.', '_domainkey.', 'default._bimi.', '_mta-sts.', '_smtp._tls.';
$nasty .= "$d MX 1 $esc.example\ns1._domainkey.$d CNAME $esc.example\n10.2.0.192.in-addr.arpa PTR $esc.example\n";
spew("$dir/nasty", $nasty);
for my $form ([], ['--json']) {
    my ($s, $out, $err) = assay('check', @$form, '--zone', "$dir/nasty", @args, $d);
    is $s, 1, "hostile records are faults (@$form)" or diag $err;
    unlike $out . $err, qr/[^\n\x20-\x7e]/, '... and steer no terminal';
}
is +(assay('check', '--zone', 'good.zone', '--ip', 'here', $d))[0], 2, 'no address: wrong usage';
is +(assay('check', '--zone', 'good.zone', 'a b'))[0], 2, 'no domain: wrong usage';
done_testing;
