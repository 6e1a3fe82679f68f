#!/usr/bin/perl
# A real opendkim with its configuration, and assay with what config import
# made of it: both sign the same mail with the same domain, selector, identity
# and canonicalisation. And the manuals and samples of the packages: every
# option has a row, what comes of a sample is accepted.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Fetched qw(prefix program library_path);
use Assay::Golden qw(data slurp spew);

my $build = abs_path($ENV{top_builddir} // '.');
my $fetched = abs_path(prefix()) // '/nonexistent';
my @opendkim = ('env', 'LD_LIBRARY_PATH=' . library_path(), program('opendkim'));
-x $opendkim[-1] && -e "$fetched/etc/opendmarc.conf" or plan skip_all => 'opendkim and opendmarc needed; run contrib/fetch';

my $dir = tempdir('import-XXXXXX', TMPDIR => 1, CLEANUP => !$ENV{KEEP});
system("openssl genrsa -out $dir/$_.pem 1024 2>/dev/null") == 0 or die 'openssl' for qw(a b);
my $inline = join '', split /\n/, `openssl pkey -in $dir/b.pem -outform DER | openssl base64`;

# --- the manuals ----------------------------------------------------------------

for my $name (qw(opendkim opendmarc)) {
    open my $man, '-|', 'gzip', '-dc', "$fetched/usr/share/man/man5/$name.conf.5.gz" or die "gzip: $!\n";
    my %known = map { $_ => 1 } split /\n/, slurp(data("$name-options"));
    my @options = map { /^\.I ([A-Z][\w-]+) \(/ ? $1 : () } <$man>;
    cmp_ok @options, '>', 40, "$name.conf(5) has options";
    is join(' ', grep { !$known{$_} } @options), '', '... and t/data/tools has them all';
}
my @samples = (map({ "$fetched/etc/$_.conf" } qw(opendkim opendmarc)), glob "$fetched/usr/share/doc/opendkim/examples/opendkim.conf*");
if (-e "$fetched/usr/share/doc/opendmarc/opendmarc.conf.sample.gz") {
    system("gzip -dc $fetched/usr/share/doc/opendmarc/opendmarc.conf.sample.gz > $dir/opendmarc.conf.sample") == 0 or die 'gzip';
    push @samples, "$dir/opendmarc.conf.sample";
}
for my $sample (@samples) {
    my ($name) = $sample =~ m{([^/]*)$};
    # With all that stands there as a comment, too.
    my $full = spew("$dir/full", slurp($sample) =~ s/^#+\s?([A-Z][\w-]+\s+\S[^.]*)$/$1/mgr);
    for ($sample, $full) {
        my $kind = $name =~ /dmarc/ ? 'opendmarc' : 'opendkim';
        my $said = `$build/assay config import --json --$kind $_ -o $dir/sample.d 2>&1`;
        cmp_ok $? >> 8, '<', 2, "$name is read" or diag $said;
        my $got = eval { decode_json($said) } // {};
        is join(' ', map { $_->{option} } grep { ($_->{why} // '') eq 'it has no such option' && $_ eq $sample } @{ $got->{options} }), '',
            '... every option known';
        is system("$build/assayd -n -c $dir/sample.d/assay.conf >/dev/null 2>&1"), 0, '... and assayd takes what comes of it';
        system 'rm', '-rf', "$dir/sample.d";
    }
}

# --- signing --------------------------------------------------------------------------

sub message {
    my ($author) = @_;
    return "From: $author\r\nTo: b\@far.example\r\nSubject: x\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
        . "Message-ID: <1\@x.example>\r\n\r\nhi\r\n";
}

sub of_signature {
    my %tag = map { /^\s*(\w+)=\s*(.*?)\s*$/s ? ($1, $2) : () } split /;/, $_[0];
    return join ' ', map { $tag{$_} // '-' } qw(d s c i);
}

sub theirs {
    my ($conf, $author) = @_;
    my $m = spew("$dir/m.eml", message($author));
    open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @opendkim, '-x', $conf, '-vvv', '-t', $m or die "opendkim: $!\n";
    my $said = do { local $/; <$out> };
    close $out;
    diag $said if $said !~ /mlfi_eoh/;
    return join ', ', map { of_signature($_) } $said =~ /hvalue='(v=1;.*?)'/sg;
}

sub ours {
    my ($conf, $author) = @_;
    my $m = spew("$dir/m.eml", message($author));
    my $said = `$build/assay sign -F -c $conf $m 2>/dev/null`;
    return join ', ', map { of_signature($_) } $said =~ /^DKIM-Signature:((?:.*\n)(?:[ \t].*\n)*)/mg;
}

spew("$dir/kt", <<"EOT");
# name domain:selector:key
short example.com:short:$dir/a.pem
inline example.net:inline:$inline
any %:any:./b.pem
net._domainkey.example.net example.net:net:$dir/a.pem
EOT
spew("$dir/patterns", <<'EOT');
boss@example.com any
*@example.com short	# all others
*@*.example.com short:@example.com
*@example.net inline
*.example.org any
EOT
spew("$dir/domains", <<'EOT');
example.com short
.example.com short:me@example.com
ann@example.net inline
example.net net._domainkey.example.net
EOT
spew("$dir/list", "example.com\n\nexample.net # ours\n");
spew("$dir/globs", "*.example.com\nexample.org\n");
spew("$dir/more", "Canonicalization relaxed/relaxed\nSigningTable refile:$dir/patterns\n");

my $one = "Selector sel\nKeyFile $dir/a.pem\n";
my %configurations = (
    'one domain'              => "Domain example.com\n$one",
    'relaxed alone'           => "Domain example.com\n${one}Canonicalization relaxed\n",
    'two domains, subdomains' => "Domain example.com, example.net\n${one}SubDomains yes\n",
    'domains of a file'       => "Domain file:$dir/list\n${one}SubDomains yes\n",
    'patterns of domains'     => "Domain refile:$dir/globs\n$one",
    'any domain'              => "Domain *\n$one",
    'the last line counts'    => "Domain example.org\n${one}Domain example.com\nSelector other\n",
    'a base directory'        => "BaseDirectory $dir\nDomain example.com\nSelector sel\nKeyFile a.pem\n",
    'tables by patterns'      => "BaseDirectory $dir\nKeyTable $dir/kt\nSigningTable refile:$dir/patterns\n",
    'tables by domains'       => "BaseDirectory $dir\nKeyTable file:$dir/kt\nSigningTable $dir/domains\n",
    'tables as lists'         => "KeyTable csl:k=example.com:lst:$dir/a.pem\nSigningTable csl:example.com=k,.example.net=k\n",
    'included'                => "BaseDirectory $dir\nKeyTable $dir/kt\nInclude $dir/more\n",
    'names in any case'       => "domain example.com\nSELECTOR sel\nkeyfile $dir/a.pem\nCANONICALIZATION simple/relaxed\n",
);
my @authors = map { my $d = $_; map { "$_\@$d" } qw(ann boss) }
    qw(example.com a.example.com b.a.example.com example.net a.example.net example.org x.example.org far.example);
my ($asked, $signed) = (0, 0);
for my $name (sort keys %configurations) {
    my $conf = spew("$dir/opendkim.conf", "Mode s\nRequireSafeKeys no\n$configurations{$name}");
    system 'rm', '-rf', "$dir/new";
    my $report = `$build/assay config import --opendkim $conf -o $dir/new 2>&1`;
    cmp_ok $? >> 8, '<', 2, "$name: imported" or diag $report;
    is system("$build/assayd -n -c $dir/new/assay.conf >/dev/null 2>&1"), 0, '... assayd takes it';
    my $own = spew("$dir/own.conf", slurp("$dir/new/assay.conf") . "require_published = no\n");
    my @wrong;
    for my $author (@authors) {
        chdir $dir or die "$dir: $!\n";
        my ($theirs, $ours) = (theirs($conf, $author), ours($own, $author));
        chdir $build or die "$build: $!\n";
        $asked++;
        $signed++ if $theirs;
        push @wrong, "$author: ours $ours, theirs $theirs" if $ours ne $theirs;
    }
    ok !@wrong, '... and the same mail is signed in the same way' or diag join "\n", $report, @wrong;
}
cmp_ok $signed, '>', $asked / 4, "of $asked messages $signed are signed";
cmp_ok $asked - $signed, '>', $asked / 4, '... and the others are not';
done_testing;
